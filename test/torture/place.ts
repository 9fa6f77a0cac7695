// Folders in which stories take place, databases on a server that belong to them, and what is found
// there afterwards.
import { writeFileSync } from "node:fs";
import { cp, mkdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Client } from "pg";
import { makePlan, run } from "../../src/engine/index.ts";
import { asked, goOn, remembered, unrestIn, withLink } from "./deed.ts";
import { ask, type Place } from "./outside.ts";
import { WORDS } from "./stores.ts";
import type { File, Story } from "./story.ts";

/** A story, where its server is if it has one, and the folder it takes place in. */
export interface Scene {
  readonly story: Story;
  readonly folder: string;
  /** The address of any database of the server. */
  readonly server?: string;
}

/** What a folder holds once everything has come to rest, as lines of text by what they are of. */
export interface Found {
  readonly lines: ReadonlyMap<string, readonly string[]>;
  /** What is not at rest. */
  readonly unrest: readonly string[];
  /** Rows that were written more than once. */
  readonly twice: readonly string[];
}

/** Makes a folder in which everything up to the deed has happened. */
export async function prepare(scene: Scene): Promise<void> {
  const { story, folder } = scene;
  await mkdir(folder, { recursive: true });
  for (const name of databasesOf(scene)) await administer(scene, `CREATE DATABASE ${name}`);
  configure(scene);
  for (const file of FILES) await execute(scene, file, story.begins[file]);
  if (story.edits !== undefined) await makeKnown(scene);
  const signal = new AbortController().signal;
  if (story.edits !== undefined) await withLink(folder, (link) => run(link, {}, signal));
  for (const file of FILES) await execute(scene, file, story.edits?.[file] ?? []);
  // What the answers are about has been asked before.
  if (story.deed === "resolve") await withLink(folder, (link) => run(link, {}, signal));
  for (const file of countedIn(story)) {
    await execute(scene, file, WORDS[story.stores[file]].counting(story.tables));
  }
  if (story.deed === "apply") await withLink(folder, (link) => makePlan(link, {}, signal));
}

/** A copy of a scene in another folder, for as long as the work takes. */
export async function inCopy<Result>(
  scene: Scene,
  folder: string,
  work: (copy: Scene) => Promise<Result>,
): Promise<Result> {
  await cp(scene.folder, folder, { recursive: true });
  const copy = { ...scene, folder };
  const templates = databasesOf(scene);
  for (const [at, name] of databasesOf(copy).entries()) {
    // By its files: nobody writes to the template any more.
    const how = `TEMPLATE ${templates[at] ?? ""} STRATEGY file_copy`;
    await administer(scene, `CREATE DATABASE ${name} ${how}`);
  }
  configure(copy);
  try {
    return await work(copy);
  } finally {
    await rm(folder, { recursive: true, force: true });
    for (const name of databasesOf(copy)) {
      await administer(scene, `DROP DATABASE ${name} WITH (FORCE)`);
    }
  }
}

/** Restarts, and looks at what there is; then lets everything come to rest. */
export async function restart(scene: Scene): Promise<Found> {
  const { story, folder } = scene;
  const lines = new Map<string, readonly string[]>();
  await withLink(folder, async (link) => {
    await goOn(link, story.deed);
    lines.set("questions", await asked(link));
    lines.set("history", await remembered(link));
  });
  for (const file of FILES) {
    for (const table of story.tables) {
      const rows = await ask(placeOf(scene, file), `SELECT * FROM ${table} ORDER BY id`);
      lines.set(`${file}.${table}`, rows);
    }
  }
  const unrest = await unrestIn(folder);
  const twice: string[] = [];
  for (const file of countedIn(story)) {
    const place = placeOf(scene, file);
    const { writes } = WORDS[story.stores[file]];
    lines.set(`writes in ${file}`, await ask(place, writes));
    const often = await ask(place, `SELECT * FROM (${writes}) AS w WHERE times > 1`);
    twice.push(...often.map((line) => `${file}: ${line}`));
  }
  return { lines, unrest, twice };
}

const FILES: readonly File[] = ["left", "right"];

/** Until it is written to, a database on a server is known by its place: a copy is another one. */
async function makeKnown(scene: Scene): Promise<void> {
  const { left, right } = scene.story.stores;
  const row = (id: number): string => `INSERT INTO things (id, name) VALUES (${id}, 'first')`;
  if (right === "postgres") await execute(scene, "left", [row(-1)]);
  if (left === "postgres") await execute(scene, "right", [row(-2)]);
}

function countedIn({ uncounted }: Story): readonly File[] {
  return FILES.filter((file) => uncounted?.includes(file) !== true);
}

function placeOf({ story, folder, server }: Scene, file: File): Place {
  const store = story.stores[file];
  if (store === "sqlite") return { store, path: join(folder, `${file}.db`) };
  if (server === undefined) throw new RangeError(`${story.name} has no server`);
  const url = new URL(server);
  url.pathname = `/${databaseOf(folder, file)}`;
  return { store, url: url.href };
}

/** The database of a side on the server. */
const databaseOf = (folder: string, file: File): string =>
  `${basename(folder).replaceAll("-", "_")}_${file}`;

function databasesOf({ story, folder }: Scene): readonly string[] {
  const there = FILES.filter((file) => story.stores[file] === "postgres");
  return there.map((file) => databaseOf(folder, file));
}

/** The configuration of a folder: where its databases are is its own. */
function configure(scene: Scene): void {
  const systemOf = (file: File) => {
    const place = placeOf(scene, file);
    return place.store === "sqlite"
      ? { type: "sqlite", path: `${file}.db` }
      : { type: "postgres", url: place.url };
  };
  const systems = Object.fromEntries(FILES.map((file) => [file, systemOf(file)]));
  const config = { version: 1, systems, pipelines: scene.story.pipelines };
  writeFileSync(join(scene.folder, "syncline.yaml"), JSON.stringify(config)); // JSON is YAML
}

async function execute(scene: Scene, file: File, statements: readonly string[]): Promise<void> {
  const place = placeOf(scene, file);
  if (place.store === "postgres") return await executeAt(place.url, statements);
  const database = new DatabaseSync(place.path);
  try {
    for (const statement of statements) database.exec(statement);
  } finally {
    database.close();
  }
}

async function administer({ server }: Scene, statement: string): Promise<void> {
  if (server === undefined) throw new RangeError("a story without server has databases there");
  await executeAt(server, [statement]);
}

async function executeAt(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
