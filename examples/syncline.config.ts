// The same in TypeScript: `syncline plan -c syncline.config.ts`. Functions may stand where YAML has
// words: here a transform with its inverse, and a rule for rivals.
import { defineConfig } from "syncline/config";

export const config = defineConfig({
  version: 1,
  systems: {
    crm: { type: "sqlite", path: "./crm.db" },
    billing: { type: "sqlite", path: "./billing.db" },
  },
  pipelines: {
    customers: {
      source: "crm.customers",
      target: "billing.customers",
      direction: "two-way",
      key: "id",
      mapping: [
        { source: "id", target: "id" },
        { source: "name", target: "full_name", required: true },
        { source: "code", target: "code", transform: "C-${value}" },
        { source: "visits", target: "visits" },
      ],
      conflicts: { strategy: "merge", fields: { visits: "source-wins" }, deletes: "ask" },
      guard: { deletes: { share: 0.1, floor: 25, cap: 100_000 }, onTrip: "withhold" },
    },
  },
});
