// Medians, spreads and the table they are shown in.
import type { Cost } from "./measure.ts";

/** One line of the report. */
export interface Figure {
  /** The letter of the benchmark that it belongs to. */
  readonly of: string;
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** User and system time, in seconds, where it was told. */
  readonly cpuS?: number;
  /** What it should come to, in words. */
  readonly aim?: string;
}

/** Spread of many rounds. */
export function spreadOf(values: readonly number[]): Pick<Figure, "median" | "min" | "max"> {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: medianOf(sorted), min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** The middle one of sorted values, or the mean of the middle two. */
function medianOf(sorted: readonly number[]): number {
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
}

/** Wall time of the rounds of one command, in seconds, with its median CPU time. */
export function wallFigure(of: string, name: string, rounds: readonly Cost[]): Figure {
  const cpu = rounds.map(({ cpuMs }) => (cpuMs ?? NaN) / 1000);
  const figure = { of, name, unit: "s", ...spreadOf(rounds.map(({ wallMs }) => wallMs / 1000)) };
  const cpuS = spreadOf(cpu).median;
  return Number.isNaN(cpuS) ? figure : { ...figure, cpuS };
}

/** Ratios of two commands that ran side by side, round by round. */
export function ratioFigure(
  of: string,
  name: string,
  aim: string,
  rounds: readonly { readonly over: number; readonly under: number }[],
): Figure {
  const ratios = rounds.map(({ over, under }) => over / under);
  return { of, name, unit: "x", ...spreadOf(ratios), aim };
}

/** Greatest memory over the rounds of one command. */
export function peakFigure(of: string, name: string, rounds: readonly Cost[]): Figure {
  const peaks = rounds.map(({ peakMb }) => peakMb ?? NaN);
  return { of, name, unit: "MB", ...spreadOf(peaks), aim: "<= 200, flat" };
}

/** The report as text. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ of, name, unit, median, min, max, cpuS, aim = "" }) => [
    of,
    name,
    `${shown(median)} ${unit}`,
    `${shown(min)} to ${shown(max)}`,
    cpuS === undefined ? "" : `${shown(cpuS)} s`,
    aim,
  ]);
  const lines = [["", "what", "median", "min to max", "CPU", "aim"], ...rows];
  const widths = lines[0]?.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map((line) => line.map((text, i) => text.padEnd(widths?.[i] ?? 0)).join("  "))
    .map((line) => line.trimEnd())
    .join("\n");
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
