// What is proposed, as data: each part with the reason for it. `render.ts` writes it as YAML.

/** Everything that `discover` found out. */
export interface Proposal {
  readonly source: SystemLine;
  readonly target: SystemLine;
  readonly pipelines: readonly PipelineProposal[];
  /** What is in no pipeline. */
  readonly unmatched: readonly Left[];
}

/** One system as it stands in the configuration. */
export interface SystemLine {
  readonly name: string;
  /** In YAML, on one line. */
  readonly yaml: string;
  /** Variables that hold what is not to stand in a file. */
  readonly variables: readonly Variable[];
}

/** A variable that has to be set, and for what. */
export interface Variable {
  readonly name: string;
  readonly for: string;
}

/** One pipeline. */
export interface PipelineProposal {
  readonly name: string;
  /** `system.table`, as it stands in the configuration. */
  readonly source: string;
  readonly target: string;
  readonly reason: string;
  readonly key: readonly string[];
  readonly keyReason: string;
  readonly mapping: readonly MappingLine[];
  /** Columns that are in no line. */
  readonly unmapped: readonly Left[];
  /** The target is made where it is missing; then there is no mapping. */
  readonly createMissing: boolean;
  /** What a person has to decide. */
  readonly decide: readonly string[];
  /** Why it would be refused: it stands there as a comment. */
  readonly refused: string | null;
}

/** One line of a mapping. */
export interface MappingLine {
  readonly source: string;
  readonly target: string;
  readonly reason: string;
  /** What values the target would not take. */
  readonly narrows: string | null;
}

/** A table or column with its side, and why it is left out. */
export interface Left {
  readonly side: "source" | "target";
  readonly name: string;
  readonly why: string;
}
