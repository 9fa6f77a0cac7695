// Words that mean something, and numbers and plurals as people read them.
import type { Why } from "../core/state.ts";
import type { LetterGrouping, LetterKind } from "../engine/options.ts";

/** What `--allow-deletes` alone stands for: all of them. */
export const ALL = "all";

/** Why a question may be open. */
export const WHYS: readonly Why[] = ["conflict", "withheld", "rejected", "drift", "unknown"];

/** What a letter may be. */
export const LETTER_KINDS: readonly LetterKind[] = ["later", "refused", "unreadable", "rejected"];

/** By what letters may be counted. */
export const GROUPINGS: readonly LetterGrouping[] = ["cause", "code", "kind", "side", "pipeline"];

/** What may be done with letters, besides listing them. */
export const LETTER_VERBS = ["show", "test", "edit", "replay", "export"] as const;

/** 1294 → "1,294". */
export function count(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** "1 entry", "1,294 entries". */
export function counted(number: number, one: string, many: string = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

/** "340 ms", "12.3 s", "4 min 10 s". */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** "69 %"; what is not nothing is never shown as 0 %, nor what is not all as 100 %. */
export function share(part: number, whole: number): string {
  if (whole <= 0) return "100 %";
  const percent = (part / whole) * 100;
  if (part > 0 && percent < 1) return "< 1 %";
  return `${Math.min(part < whole ? 99 : 100, Math.round(percent))} %`;
}
