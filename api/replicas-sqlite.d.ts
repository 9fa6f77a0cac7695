// replicas/sqlite/index
import type { Replica } from "../../engine/replica.ts";
export interface SqliteOptions {
    readonly name: string;
    readonly path: string;
    readonly busyTimeoutMs?: number;
    readonly markers?: boolean;
    readonly id?: () => string;
    readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}
export declare function sqliteReplica(options: SqliteOptions): Promise<Replica>;

// engine/replica: see api/engine.d.ts
