import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { isSyncError } from "../../src/core/index.ts";
import { SyncConfigurationManager } from "../../src/compat/supernal/index.ts";
import type { SyncConfig } from "../../src/compat/supernal/index.ts";
import { guideConfig } from "./guide-config.ts";

const managed = (): SyncConfigurationManager => {
  const manager = new SyncConfigurationManager({ env: {} });
  manager.addSyncConfiguration("requirements", guideConfig());
  return manager;
};

test("configurations are kept by name, in their order", () => {
  const manager = managed();
  manager.addSyncConfiguration("again", guideConfig());
  assert.deepEqual(manager.listConfigurations(), ["requirements", "again"]);
  assert.equal(manager.getSyncConfiguration("requirements")?.name, "requirements");
  assert.equal(manager.getSyncConfiguration("other"), undefined);
  assert.equal(manager.versionOf("requirements"), 1);
  assert.equal(manager.versionOf("other"), undefined);
});

test("F0-7: a change of one key keeps all others, at any depth", () => {
  const manager = managed();
  manager.updateSyncConfiguration("requirements", { sync: { batchSize: 5 } });
  const { sync, mapping, source } = manager.getSyncConfiguration("requirements") ?? guideConfig();
  assert.deepEqual(sync, { ...guideConfig().sync, batchSize: 5 });
  assert.equal(mapping.length, 3);
  assert.deepEqual(source.connection, guideConfig().source.connection);
  assert.equal(manager.versionOf("requirements"), 2);
});

test("what is not said stays, and what is added again is another version", () => {
  const manager = managed();
  manager.updateSyncConfiguration("requirements", { sync: undefined as never });
  assert.deepEqual(manager.getSyncConfiguration("requirements")?.sync, guideConfig().sync);
  manager.addSyncConfiguration("requirements", guideConfig());
  assert.equal(manager.versionOf("requirements"), 3);
});

test("a list is replaced, and so is what has another type", () => {
  const manager = managed();
  manager.updateSyncConfiguration("requirements", {
    filters: [],
    target: { authentication: { type: "bearer", token: "t" } },
  });
  const { filters, target } = manager.getSyncConfiguration("requirements") ?? guideConfig();
  assert.deepEqual(filters, []);
  assert.deepEqual({ ...target.authentication }, { type: "bearer", token: "t" });
});

test("a change that makes it invalid changes nothing", () => {
  const manager = managed();
  const before = manager.getSyncConfiguration("requirements");
  assert.throws(
    () => manager.updateSyncConfiguration("requirements", { sync: { batchSize: 0 } }),
    /: Invalid configuration: sync\.batchSize must be a whole number from 1 to 1000, not 0$/,
  );
  assert.equal(manager.getSyncConfiguration("requirements"), before);
  assert.equal(manager.versionOf("requirements"), 1);
});

test("0A12: errors are those that its users know", () => {
  const manager = managed();
  assert.throws(
    () => manager.updateSyncConfiguration("requirement", {}),
    (error) =>
      isSyncError(error, "CONFIG_NOT_FOUND") &&
      error.message === "Configuration 'requirement' not found" &&
      error.hint === "Did you mean 'requirements'?",
  );
  const webhook = { ...guideConfig().source, type: "webhook" } as const;
  assert.throws(
    () => manager.addSyncConfiguration("hook", guideConfig({ source: webhook })),
    (error) =>
      isSyncError(error, "CONFIG_NOT_BUILT") &&
      error.message === "No validator found for source type: webhook",
  );
  const ftp = { ...guideConfig().source, type: "fille" as "file" };
  assert.throws(
    () => manager.addSyncConfiguration("ftp", guideConfig({ source: ftp })),
    (error) =>
      isSyncError(error, "CONFIG_INVALID") &&
      error.message === "No validator found for source type: fille" &&
      error.hint === "Did you mean 'file'?",
  );
  assert.deepEqual(manager.listConfigurations(), ["requirements"]);
});

test("everything that is wrong is told at once", () => {
  const wrong = {
    ...guideConfig(),
    sync: { ...guideConfig().sync, mode: "real-time" },
    filters: [{ field: "status", operator: "matches", value: "x" }],
    mappings: [],
  } as unknown as SyncConfig;
  assert.throws(
    () => new SyncConfigurationManager({ env: {} }).addSyncConfiguration("bad", wrong),
    (error: Error) => {
      assert.match(error.message, /^Invalid configuration: /);
      assert.match(error.message, /sync\.mode: real-time is not built yet\. Use batch, hybrid/);
      assert.match(error.message, /filters\[0\]\.operator cannot be 'matches'/);
      assert.match(error.message, /the key 'mappings' is not known.*'mapping'/);
      return true;
    },
  );
});

test("a place is told once", () => {
  const target = { endpoint: "x", authentication: { type: "bearer", token: "" } } as const;
  assert.throws(
    () => new SyncConfigurationManager().addSyncConfiguration("bad", guideConfig({ target })),
    (error: Error) => {
      assert.equal(
        error.message,
        "Invalid configuration: target.endpoint is not of the form https://host/path",
      );
      return true;
    },
  );
  const filters = [{ field: "status", operator: "in" }];
  assert.throws(
    () => new SyncConfigurationManager().addSyncConfiguration("bad", guideConfig({ filters })),
    /: Invalid configuration: filters\[0\]: The filter's 'in' on 'status' takes a list, 'values'$/,
  );
});

test("what is no configuration at all is refused, not tripped over", () => {
  const manager = new SyncConfigurationManager();
  for (const nothing of [undefined, null, 7, "x", [], {}, { source: null }]) {
    assert.throws(
      () => manager.addSyncConfiguration("x", nothing as unknown as SyncConfig),
      (error) => isSyncError(error, "CONFIG_INVALID"),
      inspect(nothing),
    );
  }
});

test("F0-8: a validator can be registered in the place of the built-in one", () => {
  const manager = managed();
  manager.registerValidator("database", {
    validate: () => ({ isValid: false, errors: ["not today", "nor tomorrow"] }),
  });
  assert.throws(
    () => manager.addSyncConfiguration("other", guideConfig()),
    /Invalid configuration: not today, nor tomorrow$/,
  );
});

test("F0-16: nothing that prints a configuration prints its secrets", () => {
  const manager = managed();
  const config = manager.getSyncConfiguration("requirements");
  const printed = [inspect(config, { depth: 9 }), JSON.stringify(config), inspect({ config })];
  for (const text of printed) assert.ok(!/hunter2|sk-live/.test(text), text);
  const { apiKey } = { apiKey: "", ...config?.target.authentication };
  assert.equal(apiKey, "sk-live-1");
});

test("what was added does not change with the object that it came from", () => {
  const manager = new SyncConfigurationManager();
  const filters = [{ field: "status", operator: "equals", value: "active" }];
  manager.addSyncConfiguration("mine", guideConfig({ filters }));
  filters.push({ field: "title", operator: "not_null", value: "" });
  assert.equal(manager.getSyncConfiguration("mine")?.filters.length, 1);
  assert.throws(() => {
    const sync = manager.getSyncConfiguration("mine")?.sync as { batchSize: number };
    sync.batchSize = 1;
  }, TypeError);
});
