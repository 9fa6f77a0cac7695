// Every command there is, in the order of the help.
import type { Manual } from "../command.ts";
import { DECIDE } from "./decide.ts";
import { LOOK } from "./look.ts";
import { SET_UP } from "./set-up.ts";
import { SYNCHRONISE } from "./synchronise.ts";

/** The whole manual. */
export const MANUAL: readonly Manual[] = [...SET_UP, ...SYNCHRONISE, ...DECIDE, ...LOOK];
