// What an exported suite needs of a test runner, so that it runs under any of them.

/** The parts of node:assert/strict that the suites use. */
export interface SuiteAssert {
  ok(value: unknown, message?: string): void;
  equal(actual: unknown, expected: unknown, message?: string): void;
  deepEqual(actual: unknown, expected: unknown, message?: string): void;
  rejects(promise: Promise<unknown>, check: (error: unknown) => boolean): Promise<void>;
}

/** What a third party hands in: `test` and `assert` of its own runner. */
export interface SuiteTools {
  readonly test: (name: string, body: () => Promise<void>) => unknown;
  readonly assert: SuiteAssert;
}
