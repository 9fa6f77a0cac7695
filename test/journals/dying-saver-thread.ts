// A saver's thread that dies when its first commits are durable, before it can say so.
import { parentPort } from "node:worker_threads";

if (parentPort !== null) parentPort.postMessage = () => process.exit();
await import("../../src/journals/sqlite/saver-thread.ts");
