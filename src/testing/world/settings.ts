// The link of a script, as its configuration and its replicas would be.
import type { Rival } from "../../core/policy.ts";
import type { Value } from "../../core/state.ts";
import type { PipelineSettings } from "../../engine/settings.ts";
import { memoryReplica, type MemoryReplica } from "../memory-replica.ts";
import type { LinkSetup, SideSetup } from "./script.ts";
import { columnsOf, fieldsOf, rounding } from "./values.ts";

const PIPELINE = "things";
/** The collection of every side. */
export const COLLECTION = "things";

/** Names of the sides of a link. */
export function sideNames({ sides }: LinkSetup): readonly string[] {
  if (sides.length === 2) return ["source", "target"];
  return sides.map((_, side) => String.fromCharCode("a".charCodeAt(0) + side));
}

/** The system of a side. */
export function systemOf(side: number): string {
  return `system${side}`;
}

/** The replica of a side, empty. */
export function makeReplica(link: LinkSetup, side: number, setup: SideSetup): MemoryReplica {
  const { storing, isOrdered, pageRows, list, commits, marks, log, returns, compares } = setup;
  const compareAndSet = compares ? "row" : "none";
  return memoryReplica({
    name: systemOf(side),
    pageRows,
    collections: [
      {
        name: COLLECTION,
        fields: columnsOf(link, side),
        key: ["id"],
        isOrdered,
        capabilities: { list, commits, marks, log, returns, compareAndSet },
        ...(storing === "declared" ? { store: rounding } : {}),
        ...(storing === "hidden" ? { hidden: rounding } : {}),
      },
    ],
  });
}

/** The configuration of a script's link. */
export function settingsOf(link: LinkSetup, hasG: boolean): PipelineSettings {
  const names = sideNames(link);
  const mapping = fieldsOf(link, hasG).map((name) => ({ source: name, target: name }));
  const isPair = names.length === 2;
  const word = (strategy: string): string =>
    strategy.startsWith("wins") ? `${names[Number(strategy.slice(4))] ?? ""}-wins` : strategy;
  const isOneWay = link.direction === "one-way";
  return {
    name: PIPELINE,
    direction: link.direction,
    memory: link.memory,
    sides: names.map((name, side) => ({
      name,
      at: { system: systemOf(side), collection: COLLECTION },
      ...(link.sides[side]?.follows === true && !isOneWay ? { follows: true } : {}),
      ...(isPair ? {} : { mapping }),
    })),
    ...(isPair ? { mapping } : {}),
    conflicts: {
      strategy: link.strategy === "custom" ? greatest : word(link.strategy),
      ...(link.strategy === "latest" ? { by: "clock" } : {}),
      ...(link.hasUnion ? { fields: { u: "union" } } : {}),
      ...(link.deletes === null ? {} : { deletes: link.deletes }),
    },
    initial: word(link.initial),
    // Where no side follows, nothing drifts.
    ...(isOneWay || link.sides.some(({ follows }) => follows)
      ? { drift: link.drift, extra: link.extra }
      : {}),
    guard: { floor: link.guardFloor, onTrip: link.onTrip },
    ...(link.hasFilter
      ? { filters: { kind: "compare", field: "in", operator: "equals", value: true } }
      : {}),
    ...(link.whenFilteredOut === null ? {} : { whenFilteredOut: link.whenFilteredOut }),
    ...(link.hasRules ? { validation: [{ kind: "range", field: "f", min: 0 }] } : {}),
  };
}

/** A rule of one's own: the greatest number wins, and text is asked. */
function greatest(_: Value | undefined, rivals: readonly Rival[]): Value | undefined {
  let best: number | undefined;
  for (const { value } of rivals) {
    if (typeof value !== "number") return undefined;
    if (best === undefined || value > best) best = value;
  }
  return best;
}
