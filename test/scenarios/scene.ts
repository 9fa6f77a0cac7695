// Two databases in a folder with a configuration, used as a person uses them: by the command line
// and by SQL. What both hold is read by means outside the product.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";
import type { ConfigInput, PipelineInput } from "../../src/config/index.ts";
import { cliAt, folderOf } from "../cli/world.ts";

/** What a command line said, as far as scenarios ask. */
export interface Said {
  readonly exit: number;
  readonly summary: Summary;
  readonly result: Result;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly where: string;
  } | null;
}

/** A summary of one pipeline. */
export interface Counts {
  readonly planId: string;
  readonly hash: string;
  readonly source: Written;
  readonly target: Written;
  readonly conflicts: number;
  readonly rejected: number;
  readonly withheld: number;
  readonly drift: number;
  readonly extra: number;
  readonly unchanged: number;
  readonly equal: number;
  readonly rounded: number;
  readonly different: number;
  readonly onlySource: number;
  readonly onlyTarget: number;
}

interface Written {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
}

interface Summary {
  readonly pipelines: { readonly [name: string]: Counts };
}

/** Lists that commands return; which of them is there depends on the command. */
interface Result {
  readonly plans: readonly {
    readonly id: string;
    readonly hash: string;
    readonly writes: number;
    readonly notes: readonly { readonly code: string; readonly text: string }[];
  }[];
  readonly items: readonly Item[];
  readonly questions: readonly Question[];
  readonly letters: readonly { readonly shown: string; readonly errors: readonly string[] }[];
  readonly runs: readonly {
    readonly id: string;
    readonly notes: readonly { readonly code: string; readonly text: string }[];
    readonly left: readonly Left[];
    readonly leftCount: number;
  }[];
  readonly changes: readonly Change[];
  readonly state: { readonly [field: string]: unknown } | null;
  readonly differences: readonly unknown[];
}

interface Left {
  readonly shown: string;
  readonly side: string;
  readonly why: string;
}

/** One entry of a plan. */
export interface Item {
  readonly shown: string;
  readonly writes: readonly {
    readonly side: string;
    readonly kind: string;
    readonly changes: readonly {
      readonly field: string;
      readonly from: unknown;
      readonly to: unknown;
    }[];
  }[];
  readonly questions: readonly Question[];
  readonly rejected: readonly string[];
}

interface Question {
  readonly id: string;
  readonly shown: string;
  readonly field: string | null;
  readonly why: string;
  readonly base: unknown;
  readonly held: { readonly [side: string]: { readonly value: unknown } };
}

interface Change {
  readonly at: string;
  readonly by: string;
  readonly why: string;
  readonly run: string;
  readonly kind: string;
  readonly changes: readonly {
    readonly field: string;
    readonly from: unknown;
    readonly to: unknown;
  }[];
}

/** A folder with two databases and a configuration. */
export interface Scene {
  readonly folder: string;
  /** Runs a command line with --json. */
  say(...words: readonly string[]): Promise<Said>;
  /** Executes statements in `left.db` or `right.db`, in one transaction. */
  sql(file: "left" | "right", ...statements: readonly string[]): void;
  /** Rows of a table by SQL. */
  rows(file: "left" | "right", query?: string): readonly { readonly [column: string]: unknown }[];
  configure(config: Partial<ConfigInput>): void;
}

/** Makes a scene; the pipeline `things` joins both tables `things`. */
export function sceneOf(
  t: TestContext,
  pipeline: PipelineInput | ConfigInput["pipelines"],
  now: () => number = Date.now,
): Scene {
  const folder = folderOf(t);
  const path = (file: string): string => join(folder, `${file}.db`);
  const scene: Scene = {
    folder,
    say: async (...words) => saidOf(await cliAt(now, folder, ...words, "--json")),
    sql: (file, ...statements) => execute(path(file), statements),
    rows: (file, query = "SELECT * FROM things ORDER BY 1") => queryRows(path(file), query),
    configure: (config) => {
      const whole = { version: 1, ...systems(), ...config };
      // JSON is YAML.
      writeFileSync(join(folder, "syncline.yaml"), JSON.stringify(whole, null, 2));
    },
  };
  scene.configure({ pipelines: pipelinesOf(pipeline) });
  return scene;
}

/** Both tables are made by the same statements. */
export function both(scene: Scene, ...statements: readonly string[]): void {
  scene.sql("left", ...statements);
  scene.sql("right", ...statements);
}

/** The summary of the one pipeline of a scene. */
export function counts({ summary }: Said, pipeline = "things"): Counts {
  const found = summary.pipelines[pipeline];
  if (found === undefined) throw new RangeError(`no pipeline ${pipeline} in a summary`);
  return found;
}

function pipelinesOf(given: PipelineInput | ConfigInput["pipelines"]): ConfigInput["pipelines"] {
  if ("things" in given || Object.values(given).some((each) => isPipeline(each))) {
    return given as ConfigInput["pipelines"]; // its values are pipelines
  }
  return { things: { source: "left.things", target: "right.things", ...given } };
}

function isPipeline(given: unknown): boolean {
  return typeof given === "object" && given !== null && "source" in given;
}

function systems(): Pick<ConfigInput, "systems"> {
  return {
    systems: {
      left: { type: "sqlite", path: "left.db" },
      right: { type: "sqlite", path: "right.db" },
    },
  };
}

function saidOf({ exit, stdout }: { readonly exit: number; readonly stdout: string }): Said {
  const document = JSON.parse(stdout) as Omit<Said, "exit">; // the one document of --json
  return { ...document, exit };
}

function execute(path: string, statements: readonly string[]): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("BEGIN");
    for (const statement of statements) database.exec(statement);
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}

function queryRows(path: string, query: string): readonly { readonly [column: string]: unknown }[] {
  // A program that was killed may have left a journal that only a writer can roll back.
  const isHot = existsSync(`${path}-journal`);
  const database = new DatabaseSync(path, { readOnly: !isHot });
  try {
    return database
      .prepare(query)
      .all()
      .map((row) => ({ ...row }));
  } finally {
    database.close();
  }
}
