// index
export * from "./core/index.ts";
export * from "./engine/index.ts";

// core/index: see api/core.d.ts

// engine/index: see api/engine.d.ts
