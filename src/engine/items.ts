// The entries of a recorded plan, for people.
import { showKey } from "../core/key.ts";
import { same } from "../core/values.ts";
import type { Key, OwnRow } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { Link } from "./link.ts";
import { contextsOf, readBlocks, type PlannedItem } from "./plan.ts";
import { viewOfPlan } from "./plan-head.ts";
import { viewsOf } from "./questions.ts";
import type { FieldChange, PlanItem, WriteView } from "./views.ts";

/** Every entry of a plan that is written, asked about or rejected; nothing of entries at rest. */
export async function* planItems(link: Link, planId: string): AsyncGenerator<PlanItem> {
  const contexts = await contextsOf(link);
  const record = await link.journal.plan(planId);
  const plan = record === undefined ? undefined : viewOfPlan(record);
  const passed = new Map<string, ReadonlySet<Key>>();
  for await (const block of readBlocks(link, planId)) {
    const { pipeline, phase } = block;
    const context = contexts.get(pipeline);
    if (context === undefined) continue;
    const isAll = plan?.summary.pipelines[pipeline]?.withheld === 0;
    if (!isAll && !passed.has(pipeline))
      passed.set(pipeline, await passedKeys(link, planId, pipeline));
    for (const item of block.items) {
      const isJudged =
        phase === "change" && (isAll || passed.get(pipeline)?.has(item.key) === true);
      const view = itemView(context, item, isJudged);
      const { writes, questions, rejected } = view;
      if (writes.length + questions.length + rejected.length > 0) yield view;
    }
  }
}

/**
 * Keys of one pipeline that the guard let pass although it withholds others: never more than a cap.
 */
async function passedKeys(link: Link, planId: string, pipeline: string): Promise<ReadonlySet<Key>> {
  const keys = new Set<Key>();
  for await (const block of readBlocks(link, planId)) {
    if (block.pipeline !== pipeline || block.phase === "change") continue;
    for (const { key } of block.items) keys.add(key);
  }
  return keys;
}

/** The changes that a write makes, in the columns of its side. */
function changesOf(
  columns: readonly string[],
  from: OwnRow | null,
  to: OwnRow | null,
): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const [index, field] of columns.entries()) {
    const before = from?.[index];
    const after = to?.[index];
    if (!same(before, after)) changes.push({ field, from: before, to: after });
  }
  return changes;
}

/** Where a withheld deletion was judged, the verdict's own items say what becomes of them. */
function itemView(context: Context, item: PlannedItem, isJudged: boolean): PlanItem {
  const { pipeline } = context;
  const { key, body } = item;
  const writes = item.writes.map(({ side, kind, from, to }): WriteView => {
    const { name, shape } = pipeline.sides[side] ?? { name: "", shape: { columns: [] } };
    return { side: name, kind, changes: changesOf(shape.columns, from, to) };
  });
  const entry = body === null ? undefined : context.codec.decode(JSON.parse(body) as unknown[]);
  const asked = entry === undefined ? [] : viewsOf(context, key, entry);
  return {
    pipeline: pipeline.name,
    key,
    shown: showKey(key),
    writes,
    questions: asked.filter(({ why }) => why !== "withheld" || !isJudged),
    rejected: item.rejected,
    isDrift: item.isDrift,
  };
}
