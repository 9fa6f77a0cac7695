// The shapes of the model (see its README): entries keyed by names, with any plain values.

export type ModelValue = number | boolean | string | readonly ModelValue[];
export type ModelRow = { [field: string]: ModelValue } | null;
export type ModelState = { here: boolean; [field: string]: ModelValue };

export interface ModelTold {
  id: string;
  to: ModelRow;
  against: ModelRow;
  at: number;
  base: ModelState;
  until: number;
  sent: number;
  once: boolean;
}

export interface ModelMemory {
  shadow: ModelRow;
  base: ModelState;
  told: ModelTold[];
  mark?: string;
  at: number;
}

export interface ModelQuestion {
  field: string;
  why: "conflict" | "withheld" | "rejected" | "drift" | "unknown";
  held: { [side: string]: ModelValue | ModelRow };
  stamps: { [side: string]: number | { [field: string]: number } };
  first?: string[];
}

export interface ModelEntry {
  agreed: ModelState;
  by: { [field: string]: { side: string | null; stamp: number } };
  open: { [key: string]: ModelQuestion };
  sides: { [side: string]: ModelMemory };
  writes: number;
}

export interface ModelSide {
  store?: ((value: ModelValue) => ModelValue) | undefined;
  follows?: boolean | undefined;
  drift?: "overwrite" | "keep" | undefined;
  leads?: boolean;
  marks?: boolean;
  compares?: boolean;
}

export interface ModelRival {
  side: string | null;
  value: ModelValue;
  base: ModelValue | undefined;
  stamp: number;
  first?: boolean;
}

export type ModelRule =
  | undefined
  | "merge"
  | "manual"
  | "latest"
  | "union"
  | { wins: string }
  | ((agreed: ModelValue | undefined, rivals: readonly ModelRival[]) => ModelValue | undefined);

export interface ModelPolicy {
  fields: string[];
  sides: { [side: string]: ModelSide };
  rows?: ModelRule;
  settle?: { [field: string]: ModelRule };
  deletes?: "ask" | "edit-wins" | "delete-wins";
  initial?: ModelRule;
  guard?: "pass" | "withhold" | "release";
  rejects?: ((field: string, value: ModelValue) => boolean) | undefined;
  stamp?: number;
}

export interface ModelSeen {
  row: ModelRow;
  at?: number | undefined;
  stamp?: number;
  marks?: string[] | undefined;
  now?: number;
}

export interface ModelWrite {
  id: string;
  to: ModelRow;
  against: ModelRow;
  at: number;
  base: ModelState;
  once: boolean;
}

export interface ModelOutcome {
  id: string;
  applied: boolean;
  row: ModelRow;
  at?: number | undefined;
}
