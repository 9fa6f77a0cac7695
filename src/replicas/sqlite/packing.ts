// Bound values on their way to another thread: a text and two buffers in place of thousands of
// small things, each of which costs about as much as binding it.
import type { Stored } from "./codec.ts";

/** Values in a row, as they travel. */
export interface PackedValues {
  /** What each value is. */
  readonly kinds: Uint8Array<ArrayBuffer>;
  /** By position: a number, the length of a text, or the place of another value. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** All texts, one after the other. */
  readonly text: string;
  /** Big integers and bytes. */
  readonly others: readonly Stored[];
}

const KIND = { null: 0, number: 1, text: 2, other: 3 } as const;

/** Takes values one by one. */
export class Packing {
  readonly #kinds: Uint8Array<ArrayBuffer>;
  readonly #numbers: Float64Array<ArrayBuffer>;
  readonly #others: Stored[] = [];
  #text = "";
  #count = 0;
  /** Characters and bytes so far. */
  size = 0;

  constructor(length: number) {
    this.#kinds = new Uint8Array(length);
    this.#numbers = new Float64Array(length);
  }

  push(value: Stored): void {
    const at = this.#count++;
    if (typeof value === "string") {
      this.#kinds[at] = KIND.text;
      this.#numbers[at] = value.length;
      this.#text += value;
      this.size += value.length;
    } else if (typeof value === "number") {
      this.#kinds[at] = KIND.number;
      this.#numbers[at] = value;
    } else if (value !== null) {
      this.#kinds[at] = KIND.other;
      this.#numbers[at] = this.#others.push(value) - 1;
      if (value instanceof Uint8Array) this.size += value.length;
    }
  }

  end(): PackedValues {
    const [kinds, numbers, text, others] = [this.#kinds, this.#numbers, this.#text, this.#others];
    return { kinds, numbers, text, others };
  }
}

/** Gives the values back in their order, so many at a time. */
export function unpacker(packed: PackedValues): (count: number) => Stored[] {
  const { kinds, numbers, text, others } = packed;
  let at = 0;
  let read = 0;
  return (count) => {
    const values: Stored[] = [];
    for (const end = at + count; at < end; at++) {
      const number = numbers[at] ?? 0;
      switch (kinds[at]) {
        case KIND.number:
          values.push(number);
          break;
        case KIND.text:
          values.push(text.slice(read, read + number));
          read += number;
          break;
        case KIND.other:
          values.push(others[number] ?? null);
          break;
        default:
          values.push(null);
      }
    }
    return values;
  };
}
