// The history of an entry leads to what is agreed today: whatever became agreed was recorded.
import { encodeKey } from "../../core/key.ts";
import { encodeValue } from "../../core/json.ts";
import type { Value } from "../../core/state.ts";
import { same } from "../../core/values.ts";
import type { HistoryRecord } from "../../engine/journal.ts";
import { isIn, readRecord } from "../../engine/record.ts";
import { PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Scene } from "./scene.ts";

/** Follows every history back from today's agreed values. */
export async function checkPast(scene: Scene): Promise<void> {
  // Without its journal a link has no past; an edited mapping has other fields.
  if (scene.setup.memory === "digest" || scene.isForgetful || scene.isRemapped) return;
  const page = { before: null, limit: PAGE_ROWS_MAX };
  for (const key of scene.keys()) {
    const of = { pipeline: scene.pipeline.name, key: encodeKey([key]) ?? "" };
    checkEntry(scene, key, await scene.link.journal.history(of, page));
  }
}

function checkEntry(scene: Scene, key: number, newestFirst: readonly HistoryRecord[]): void {
  const agreed = scene.entryOf(key)?.agreed;
  let isHere = agreed !== undefined && isIn(scene.context.policy, agreed);
  const values = new Map<string, Value | undefined>(
    scene.pipeline.fields.map((name, f) => [name, agreed?.values[f]]),
  );
  for (const record of newestFirst) {
    const { kind, changes } = readRecord(record);
    if (kind === "overruled") continue;
    if (isHere === (kind === "delete")) {
      return scene.fail(PROPERTY, `${key}: ${kind}, and then it is ${isHere ? "there" : "gone"}`);
    }
    for (const { field, from, to } of changes) {
      const now = values.get(field);
      if (kind === "update" && !same(to, now)) {
        const [said, is] = [encodeValue(to), encodeValue(now)];
        return scene.fail(PROPERTY, `${key} ${field}: became ${said}, and then it is ${is}`);
      }
      values.set(field, from);
    }
    isHere = kind !== "create";
  }
  if (isHere) scene.fail(PROPERTY, `${key}: nothing says how it came to be`);
}

const PROPERTY = "history leads to what is agreed";
