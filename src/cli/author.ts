// Who decides, for the history.
import { userInfo } from "node:os";
import { textOption } from "./arguments.ts";
import type { Call } from "./command.ts";

/** The person that `--author` names, or who runs the command. */
export function authorOf(call: Call): string {
  return textOption(call, "author") ?? userName();
}

/** A machine without a user database still has somebody who decides. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "somebody";
  }
}
