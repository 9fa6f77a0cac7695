// replicas/postgres/index
import type { Replica } from "../../engine/replica.ts";
import type { ConnectOptions } from "./address.ts";
export type { Timeouts } from "./timeouts.ts";
export type { SslMode, SslSettings } from "./tls.ts";
export interface PostgresOptions extends ConnectOptions {
    readonly name: string;
    readonly schema?: string;
    readonly markers?: string | false;
    readonly id?: () => string;
}
export declare function postgresReplica(options: PostgresOptions): Promise<Replica>;

// engine/replica: see api/engine.d.ts

// replicas/postgres/address
import type { SessionAttributes } from "./servers.ts";
import type { SslSettings } from "./tls.ts";
import type { Timeouts } from "./timeouts.ts";
type Environment = {
    readonly [name: string]: string | undefined;
};
export interface ConnectOptions {
    readonly url?: string;
    readonly ssl?: SslSettings;
    readonly timeouts?: Partial<Timeouts>;
    readonly environment?: Environment;
}
export interface Address {
    readonly servers: readonly ServerAddress[];
    readonly attributes: SessionAttributes;
    readonly database: string;
    readonly user: string;
    readonly applicationName: string;
    readonly connectMs: number | undefined;
    readonly ssl: SslSettings;
    readonly title: string;
}
export interface ServerAddress {
    readonly host: string;
    readonly hostAddress?: string;
    readonly port: number;
    readonly password: string | undefined;
    readonly title: string;
}
export declare function addressOf(options: ConnectOptions): Address;
export {};

// replicas/postgres/timeouts
export interface Timeouts {
    readonly connectMs: number;
    readonly statementMs: number;
    readonly lockMs: number;
    readonly silenceMs: number;
    readonly graceMs: number;
    readonly idleMs: number;
}
export declare const TIMEOUTS: Timeouts;

// replicas/postgres/tls
import type { ConnectionOptions } from "node:tls";
export declare const SSL_MODES: readonly ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
export type SslMode = (typeof SSL_MODES)[number];
export interface SslSettings {
    readonly mode?: SslMode;
    readonly rootCert?: string;
    readonly cert?: string;
    readonly key?: string;
}
export type Security = {
    readonly kind: "plain";
} | {
    readonly kind: "tls";
    readonly options: ConnectionOptions;
};
export declare function securityOf(host: string, ssl: SslSettings): readonly Security[];

// replicas/postgres/servers
export declare const SESSION_ATTRIBUTES: readonly ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"];
export type SessionAttributes = (typeof SESSION_ATTRIBUTES)[number];
export interface Role {
    readonly isStandby: boolean;
    readonly isReadOnly: boolean;
}
export declare function unfit({ isStandby, isReadOnly }: Role, attributes: SessionAttributes): string | undefined;
export declare class Unfit extends Error {
    readonly name = "Unfit";
}
export interface Chosen<Server, Connection> {
    readonly server: Server;
    readonly connection: Connection;
}
export declare function firstFit<Server extends {
    readonly title: string;
}, Connection>({ servers, attributes, title }: Wanted<Server>, connect: (server: Server, attributes: SessionAttributes) => Promise<Connection>, signal: AbortSignal): Promise<Chosen<Server, Connection>>;
export interface Wanted<Server> {
    readonly servers: readonly Server[];
    readonly attributes: SessionAttributes;
    readonly title: string;
}
