// What a case of a type is.
import type { Value } from "../../src/core/state.ts";
import type { LogicalType } from "../../src/core/values.ts";

/** A column type with values: how SQL writes one, and its canonical form. */
export interface TypeCase {
  readonly type: string;
  readonly logical: LogicalType;
  readonly values: readonly (readonly [sql: string, form: Value])[];
  /** Statements that make the type, run in the test's schema. */
  readonly before?: string;
  /** The oldest server that has it. */
  readonly since?: number;
  /** An extension that may not be there. */
  readonly extension?: string;
}

export const named = (name: string): LogicalType => ({ kind: "named", name });
export const list = (of: LogicalType): LogicalType => ({ kind: "list", of });
export const INT4: LogicalType = { kind: "integer", min: -2_147_483_648, max: 2_147_483_647 };
export const INT8: LogicalType = { kind: "integer", min: -(2n ** 63n), max: 2n ** 63n - 1n };
export const TEXT: LogicalType = { kind: "text", noZero: true };
/** Values whose text is what they are. */
export const texts = (...values: readonly string[]): TypeCase["values"] =>
  values.map((value) => [`'${value}'`, value]);
