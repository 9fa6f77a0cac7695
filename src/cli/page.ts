// What a command prints for people, line by line, on stdout.
import { styleFor } from "./style.ts";
import type { Style } from "./style.ts";
import type { Output, World } from "./world.ts";

/** Lines for people. Waits where the reader is slow, so that long lists need no memory. */
export class Page {
  readonly style: Style;
  readonly #output: Output;

  constructor(output: Output, env: World["env"]) {
    this.#output = output;
    this.style = styleFor(output, env);
  }

  /** One line, or an empty one. */
  line(text = ""): Promise<void> {
    return this.#output.write(`${this.style.spell(text).trimEnd()}\n`);
  }

  async lines(texts: Iterable<string>): Promise<void> {
    for (const text of texts) await this.line(text);
  }

  /** Rows under each other, columns as wide as their widest cell, the last one as it is. */
  async columns(rows: readonly (readonly string[])[], indent = ""): Promise<void> {
    const widths: number[] = [];
    for (const row of rows) {
      for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, widthOf(cell));
    }
    for (const row of rows) {
      const cells = row.flatMap((cell, i) => {
        const width = widths[i] ?? 0;
        if (width === 0) return []; // a column in which nobody says anything
        return i === row.length - 1 ? [cell] : [cell + " ".repeat(width - widthOf(cell))];
      });
      await this.line(indent + cells.join("  "));
    }
  }
}

/** Our own escape codes; nothing else in a line has any (values.ts). */
const ESCAPES = new RegExp(`${String.fromCodePoint(27)}\\[\\d+m`, "g");

/** Characters, escape codes not counted. */
function widthOf(cell: string): number {
  return [...cell.replaceAll(ESCAPES, "")].length;
}
