export function run(
  seed: number,
  faults?: { [what: string]: number },
  note?: (line: string) => void,
  variant?: string | null,
): Set<string>;
