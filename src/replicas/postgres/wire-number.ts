// Numbers in PostgreSQL's binary formats.
import type { Value } from "../../core/state.ts";
import type { LogicalType } from "../../core/values.ts";
import { canonical, whyNot } from "../../core/values.ts";
import type { Wire } from "./codec.ts";
import { putInt16, putInt32, putInt64, putLength, reserve } from "./out.ts";
import type { Out } from "./out.ts";

const WORD = 0x1_0000_0000;

/** A signed number of 32 bits. */
export function int32At(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** A signed number of 64 bits: a bigint where it is not safe. */
export function int64At(bytes: Buffer, at: number): number | bigint {
  const high = int32At(bytes, at);
  const number = high * WORD + (int32At(bytes, at + 4) >>> 0);
  return Number.isSafeInteger(number) ? number : bytes.readBigInt64BE(at);
}

/** True and false in one byte. */
export const BOOLEAN: Wire = {
  read: (bytes, at) => bytes[at] === 1,
  write: writing(
    { kind: "boolean" },
    (value, out) => {
      putLength(out, 1);
      reserve(out, 1);
      out.bytes[out.at++] = value === true ? 1 : 0;
    },
    isBoolean,
  ),
};

/** Whole numbers of 2, 4 and 8 bytes; the type says in which bounds. */
export function integerWire(type: LogicalType, size: 2 | 4 | 8, isUnsigned = false): Wire {
  const put = size === 2 ? putInt16 : putInt32;
  const write = writing(
    type,
    (value, out) => {
      putLength(out, size);
      if (size === 8) putInt64(out, value as number | bigint);
      else put(out, Number(value));
    },
    within(type),
  );
  switch (size) {
    case 2:
      return { read: int16At, write };
    case 4:
      return isUnsigned ? { read: uint32At, write } : { read: int32At, write };
    case 8:
      return isUnsigned ? { read: uint64At, write } : { read: int64At, write };
  }
}

/** Doubles. -0 is 0 on the way in. */
export const DOUBLE: Wire = {
  read: (bytes, at) => bytes.readDoubleBE(at) + 0,
  write: writing(
    { kind: "real" },
    (value, out) => {
      putLength(out, 8);
      reserve(out, 8);
      out.at = out.bytes.writeDoubleBE((value as number) + 0, out.at);
    },
    isNumber,
  ),
};

/** Floating numbers of 32 bits. */
export const SINGLE: Wire = {
  read: (bytes, at) => bytes.readFloatBE(at) + 0,
  write: writing({ kind: "real", single: true }, (value, out) => {
    putLength(out, 4);
    reserve(out, 4);
    out.at = out.bytes.writeFloatBE(value as number, out.at);
  }),
};

/** A write that first makes sure of the type. `isForm`: true for most canonical forms, quickly. */
export function writing(
  type: LogicalType,
  put: (form: Value, out: Out) => void,
  isForm: (value: Value) => boolean = never,
): Wire["write"] {
  return (value, out) => {
    const form = isForm(value) ? value : canonical(type, value);
    if (form === undefined) return whyNot(type, value) ?? "does not fit";
    put(form, out);
    return undefined;
  };
}

function never(): boolean {
  return false;
}

function isBoolean(value: Value): boolean {
  return typeof value === "boolean";
}

function isNumber(value: Value): boolean {
  return typeof value === "number";
}

function within(type: LogicalType): (value: Value) => boolean {
  if (type.kind !== "integer") return never;
  const [min, max] = [Number(type.min), Number(type.max)];
  return (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max;
}

/** The same for types whose canonical forms are texts. */
export function writingText(
  type: LogicalType,
  put: (form: string, out: Out) => void,
): Wire["write"] {
  return (value, out) => {
    const form = canonical(type, value);
    if (typeof form !== "string") return whyNot(type, value) ?? "does not fit";
    put(form, out);
    return undefined;
  };
}

/** A signed number of 16 bits. */
export function int16At(bytes: Buffer, at: number): number {
  return (((bytes[at] as number) << 24) >> 16) | (bytes[at + 1] as number);
}

function uint32At(bytes: Buffer, at: number): number {
  return int32At(bytes, at) >>> 0;
}

function uint64At(bytes: Buffer, at: number): number | bigint {
  const number = (int32At(bytes, at) >>> 0) * WORD + (int32At(bytes, at + 4) >>> 0);
  return Number.isSafeInteger(number) ? number : bytes.readBigUInt64BE(at);
}

/** A number of 16 bits without sign. */
export function uint16At(bytes: Buffer, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
