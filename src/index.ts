// Syncline as a library: the engine's verbs, and the values, keys and errors that they speak of.
// Configuration, replicas, journals and test suites have entries of their own.
export * from "./core/index.ts";
export * from "./engine/index.ts";
