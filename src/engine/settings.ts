// A pipeline as a person wrote it, parsed and plain. config/ makes these from YAML or TypeScript;
// compile.ts makes pipelines of them.
import type { FilterSpec } from "../core/filter.ts";
import type { MappingSpec } from "../core/mapping.ts";
import type { RuleSpec } from "../core/rules.ts";
import type { Value } from "../core/state.ts";
import type { Rival } from "../core/policy.ts";
import type { Backoff } from "./backoff.ts";
import type { Guard } from "./link.ts";
import type { Overlap } from "./replica.ts";

/** `system.collection`, as split at the edge. */
export interface CollectionName {
  readonly system: string;
  readonly collection: string;
}

/** A strategy word of mission 6.1, or a function of base and rivals. */
export type StrategySetting =
  | string
  | ((base: Value | undefined, rivals: readonly Rival[]) => Value | undefined);

/** How rivals are settled. */
export interface ConflictSettings {
  readonly strategy?: StrategySetting;
  /** What `latest` goes by: a column, "commit" or "clock". */
  readonly by?: string;
  readonly fields?: { readonly [field: string]: StrategySetting };
  readonly deletes?: "ask" | "edit-wins" | "delete-wins";
  /** Key of objects in arrays merged by `union`, per field. */
  readonly keys?: { readonly [field: string]: string };
}

/** One side under `sides:`; the first one names the link's fields. */
export interface SideSettings {
  readonly name: string;
  readonly at: CollectionName;
  readonly mapping?: readonly MappingSpec[];
  readonly follows?: boolean;
  /** What tells here which rows changed; what it does not say is the pipeline's. */
  readonly since?: Omit<SinceSettings, "fullMs">;
}

/** What tells which rows changed, so that not every run compares all of them. */
export interface SinceSettings {
  /** A field of the link, or a column of that name. Absent: the sides know by themselves. */
  readonly field?: string;
  /** How far back is asked for again. Default five minutes of a time; of a number it is said. */
  readonly overlap?: Overlap;
  /** After how many ms everything is compared again. Default a day. */
  readonly fullMs?: number;
}

/** One pipeline. Whatever is absent has the default that its comment names. */
export interface PipelineSettings {
  readonly name: string;
  /** Two sides are source and target; more have names of their own. */
  readonly sides: readonly SideSettings[];
  /** Default one-way: every side but the first follows. */
  readonly direction?: "one-way" | "two-way";
  /** Default: the primary key of the target (with `sides:`, of the first side). */
  readonly key?: readonly string[];
  /** Between the two sides; default: same names. */
  readonly mapping?: readonly MappingSpec[];
  readonly filters?: FilterSpec;
  readonly whenFilteredOut?: "keep" | "delete";
  readonly validation?: readonly RuleSpec[];
  readonly conflicts?: ConflictSettings;
  /** Default merge. */
  readonly initial?: "merge" | "source" | "target" | "manual" | string;
  readonly drift?: "overwrite" | "keep";
  readonly extra?: "keep" | "delete";
  /** Default share 0.1, floor 25, cap 100000, withhold. */
  readonly guard?: Partial<Guard>;
  /** Default BACKOFF_DEFAULT. */
  readonly retry?: Partial<Backoff>;
  /** Rows in one batch that is sent to a side, at most. */
  readonly batchRows?: number;
  /** Rows that are written in any second of a run, at most. */
  readonly rowsPerSecond?: number;
  /** Default: full for two-way, digest for one-way. */
  readonly memory?: "full" | "digest";
  readonly createMissing?: boolean;
  /** Absent: every run compares everything. */
  readonly since?: SinceSettings;
}
