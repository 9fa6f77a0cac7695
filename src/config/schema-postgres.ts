// What a configuration may say of a PostgreSQL database.
import { SSL_MODES } from "../replicas/postgres/tls.ts";
import type { KeyShape, ObjectShape, Shape } from "./shape.ts";

const key = (shape: Shape, doc: string): KeyShape => ({ shape, doc });

/** A text that is not empty. */
const NAME: Shape = {
  kind: "text",
  refuse: (text) => (text === "" ? { code: "CONFIG_INVALID", says: "cannot be empty" } : undefined),
};

/** It mostly holds a password, so it is never shown. */
const URL: Shape = {
  kind: "text",
  refuse: (text) =>
    /^postgres(?:ql)?:\/\//.test(text)
      ? undefined
      : {
          code: "CONFIG_INVALID",
          says: "is not of the form postgres://user:password@host:port/database",
          hint: "Take it from the environment: ${BILLING_URL}.",
          isSecret: true,
        },
};

/** Milliseconds, up to a day. */
const MS: Shape = { kind: "number", least: 0, most: 86_400_000, whole: true };

/** A system of the type `postgres`. */
export const POSTGRES_SYSTEM: ObjectShape = {
  kind: "object",
  keys: {
    url: key(
      URL,
      "where it is, with libpq's parameters; what is not said comes from pg_service.conf, PG* " +
        "and the password file",
    ),
    schema: key(NAME, "where tables are that are named without a schema; default public"),
    markers: key(
      { kind: "either", of: [{ kind: "boolean" }, NAME] },
      "the schema for what proves our writes, default syncline; false: there is none",
    ),
    ssl: key(
      {
        kind: "object",
        keys: {
          mode: key(
            { kind: "text", words: SSL_MODES },
            "libpq's sslmode; default verify-full, on this machine prefer",
          ),
          rootCert: key(NAME, "the authority's certificate, a file; system: those of the system"),
          cert: key(NAME, "our certificate, a file"),
          key: key(NAME, "its key, a file"),
        },
      },
      "how the connection is secured",
    ),
    timeouts: key(
      {
        kind: "object",
        keys: {
          connectMs: key(MS, "until a connection is there; default 10000"),
          statementMs: key(MS, "one statement but a listing; default 60000, 0: no limit"),
          lockMs: key(MS, "another session's lock; default 5000"),
          silenceMs: key(MS, "a listing during which nothing comes; default 600000"),
          graceMs: key(MS, "a server that should have ended a statement; default 10000"),
          idleMs: key(MS, "a connection that nobody uses; default 10000"),
        },
      },
      "what waits, and for how long",
    ),
    slot: { notBuilt: true, doc: "changes from logical replication, by this slot" },
    publication: { notBuilt: true, doc: "changes from logical replication, of this publication" },
  },
};
