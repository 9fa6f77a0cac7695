// Runs of the engine, asked for by a SyncConfig and told in its words.
import { join } from "node:path";
import { openConfig, realEnv } from "../../config/index.ts";
import { assert, SyncError } from "../../core/errors.ts";
import { inWords, problemsOf } from "../../core/problems.ts";
import { run } from "../../engine/index.ts";
import type { Link } from "../../engine/index.ts";
import { failuresIn } from "./failures.ts";
import type { Environment } from "./secrets.ts";
import type { BatchSyncResult, SyncConfig } from "./sync-config.ts";
import { BATCH_SIZE } from "./systems.ts";
import { configFrom } from "./translated.ts";

/** Where batches are remembered, and what they take from outside. */
export interface BatchSyncOptions {
  /** The folder with a journal for each configuration. Default `./.syncline`. */
  readonly folder?: string;
  /** Paths of SQLite databases and files are relative to it. Default: that of this process. */
  readonly cwd?: string;
  /** For secrets that are written `${NAME}`. Default: that of this process. */
  readonly env?: Environment;
  /** The time in ms since 1970. */
  readonly now?: () => number;
}

/** What a single batch is told. */
export interface RunOptions {
  /** Lets deletions pass that the guard withheld: all of them, or at most so many. */
  readonly allowDeletes?: true | number;
}

/** Runs batches. Each is one run of the engine; what could not be delivered, its journal keeps. */
export class BatchSyncManager {
  readonly #options: Required<Omit<BatchSyncOptions, "cwd">> & Pick<BatchSyncOptions, "cwd">;

  constructor(options: BatchSyncOptions = {}) {
    this.#options = { folder: ".syncline", env: process.env, now: Date.now, ...options };
  }

  /**
   * Brings the target into agreement with the source, and tells what came of it. A record that
   * fails keeps no other from its turn; the next run looks at it again. Throws SyncError for a
   * configuration that cannot be run; whatever fails later is in the result.
   */
  async runBatchSync(
    configName: string,
    config: SyncConfig,
    options: RunOptions = {},
    signal: AbortSignal = new AbortController().signal,
  ): Promise<BatchSyncResult> {
    const { folder, cwd, env, now } = this.#options;
    const journal = join(folder, `${configName}.db`);
    const where = cwd === undefined ? {} : { cwd };
    const checked = configFrom(configName, config, { part: "batch", journal, env, ...where });
    const startTime = new Date(now());
    try {
      const opened = await openConfig(checked, { access: "write", env: realEnv(now) }, signal);
      try {
        const came = await runAll(opened.links, { ...options, size: sizeOf(config) }, signal);
        return { configName, startTime, endTime: new Date(now()), ...came };
      } finally {
        await opened.close();
      }
    } catch (error) {
      if (!(error instanceof SyncError) || signal.aborted) throw error;
      const message = problemsOf(error).map(inWords).join("; ");
      const errors = [{ batch: [], error: `Batch sync failed: ${message}` }];
      return { configName, startTime, endTime: new Date(now()), ...NOTHING, errors };
    }
  }

  /** Refused: no schedule is built yet. Throws CONFIG_NOT_BUILT, or what is wrong with the mode. */
  scheduleBatchSync(configName: string, { sync }: SyncConfig): never {
    if (sync.mode === "real-time") {
      throw new SyncError("CONFIG_INVALID", "Batch sync requires batch or hybrid mode");
    }
    throw unscheduled(`Batch sync '${configName}' cannot be scheduled`);
  }

  /** Refused: nothing is scheduled. Throws CONFIG_NOT_BUILT. */
  cancelBatchSync(configName: string): never {
    throw unscheduled(`Batch sync '${configName}' is not scheduled`);
  }
}

const NOTHING = { recordsProcessed: 0, recordsSucceeded: 0, recordsFailed: 0 };

function sizeOf({ sync }: SyncConfig): number {
  return sync.batchSize ?? BATCH_SIZE;
}

function unscheduled(message: string): SyncError {
  return new SyncError("CONFIG_NOT_BUILT", `${message}: no schedule is built yet`, {
    hint: "Let your own scheduler call `runBatchSync`; a run that is still busy refuses a second.",
  });
}

type Came = Omit<BatchSyncResult, "configName" | "startTime" | "endTime">;

/** A SyncConfig is one pipeline, and so one link. */
async function runAll(
  links: readonly Link[],
  { size, allowDeletes }: RunOptions & { readonly size: number },
  signal: AbortSignal,
): Promise<Came> {
  const [link] = links;
  assert(link !== undefined, "one pipeline makes one link");
  const options = allowDeletes === undefined ? {} : { allowDeletes };
  const view = await run(link, options, signal);
  const [summary] = Object.values(view.summary.pipelines);
  assert(summary !== undefined, "the pipeline that ran is in the summary");
  const { sides, unchanged, driftKept = 0, unkeyed = 0 } = summary;
  const { failed, errors } = await failuresIn(link, { size, unkeyed });
  const written = Object.values(sides).reduce(
    (sum, side) => sum + side.create + side.update + side.delete,
    0,
  );
  const recordsSucceeded = written + unchanged + driftKept;
  const recordsProcessed = recordsSucceeded + failed;
  return { recordsProcessed, recordsSucceeded, recordsFailed: failed, errors };
}
