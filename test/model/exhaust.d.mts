export interface Spec {
  name: string;
  rounds?: boolean;
  follows?: boolean;
  [setting: string]: unknown;
}
export function exhaust(
  spec: Spec,
  violated?: Map<string, string>,
): { count: number; states: number; violated: Map<string, string> };
