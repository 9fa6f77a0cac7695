// What decides how entries of a pipeline fold, with names turned into positions.
import type { Lens } from "../../core/lens.ts";
import { canonical, type LogicalType } from "../../core/logical.ts";
import type { Rule, SidePolicy } from "../../core/policy.ts";
import type { FieldIndex, Value } from "../../core/state.ts";
import type { Pipeline } from "../link.ts";
import type { Checks } from "./checks.ts";
import type { Draft, DraftSide } from "./draft.ts";
import { fieldsByName } from "./fields.ts";
import { isOnlyRead, plainColumn } from "./lenses.ts";
import type { Settling } from "./settle.ts";

/** What a policy is made of. */
export interface PolicyParts {
  readonly settling: Settling;
  readonly checks: Checks;
  readonly memory: "full" | "digest";
  readonly lenses: readonly Lens[];
  readonly types: readonly LogicalType[];
}

/**
 * The policy of a pipeline. Where only digests are remembered, the fold sees one field: the digest
 * of the link row, and then, with a filter, membership.
 */
export function policyOf(draft: Draft, parts: PolicyParts): Pipeline["policy"] {
  const { settings, fields } = draft;
  const { settling, checks, memory } = parts;
  const count = memory === "digest" ? 1 : fields.length;
  const hasMember = settings.filters !== undefined;
  const sides = draft.sides.map((side, i) => sidePolicy(draft, side, parts, { count, index: i }));
  const deletes = settings.conflicts?.deletes;
  const common = {
    fields: count + Number(hasMember),
    member: hasMember ? count : -1,
    sides,
    initial: settling.initial,
    ...(deletes === undefined ? {} : { deletes }),
  };
  if (memory === "digest") return { ...common, rows: { kind: "wins", side: 0 }, settle: [] };
  const keys = parts.lenses[0]?.keyFields.filter((f) => f >= 0) ?? [];
  const settle: (Rule | undefined)[] = fields.map((field) => settling.fields.get(field)?.rule);
  const rejects = checks.fields.length > 0 ? { rejects: checks.rejects } : {};
  return { ...common, keys, rows: settling.rows.rule, settle, ...rejects };
}

function sidePolicy(
  draft: Draft,
  side: DraftSide,
  parts: PolicyParts,
  at: { readonly count: number; readonly index: number },
): SidePolicy {
  const { settings, fields } = draft;
  const isDigest = parts.memory === "digest";
  const ownsFilter = at.index === 0 && settings.filters !== undefined;
  const carried = isDigest ? [0] : (parts.lenses[at.index]?.carries ?? []);
  const { capabilities } = side.description;
  const store = isDigest ? undefined : storeOf(draft, side, parts.types);
  const followsOn = fields.map((field) =>
    draft.sides.some((other) => other !== side && isOnlyRead(other, field)),
  );
  return {
    follows: !side.leads,
    drift: settings.drift ?? "overwrite",
    ownsFilter,
    marks: capabilities.marks && side.isWritten,
    compares: capabilities.compareAndSet === "row",
    carries: ownsFilter ? [...carried, at.count] : carried,
    ...(!isDigest && followsOn.includes(true) ? { followsOn } : {}),
    ...(store === undefined ? {} : { store }),
  };
}

/** What describe() proves about how a side stores a value, in the link's terms. */
function storeOf(
  draft: Draft,
  side: DraftSide,
  types: readonly LogicalType[],
): SidePolicy["store"] {
  const { store } = side.description;
  if (store === undefined) return undefined;
  const known = fieldsByName(side.description);
  const columns = draft.fields.map((field) => known.get(plainColumn(side, field) ?? ""));
  return (field: FieldIndex, value: Value): Value => {
    const column = columns[field];
    const type = types[field];
    // Of what a transform makes nothing is proven; it shows in what the side returns (I11).
    if (column === undefined || type === undefined) return value;
    const own = canonical(column.type, value);
    if (own === undefined) return value;
    const stored = store(column.name, own);
    return canonical(type, stored) ?? stored;
  };
}
