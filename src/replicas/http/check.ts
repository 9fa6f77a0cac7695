// What is wrong with the settings of an API before anything is asked of it.
import { holesIn } from "./place.ts";
import type { CollectionSettings, HttpOptions } from "./settings.ts";

/** A problem at a path within the settings. */
export interface SettingsProblem {
  readonly path: readonly string[];
  readonly message: string;
  readonly hint: string;
}

/** All that is wrong. No secret is in any of it. */
export function problemsOfHttp(options: HttpOptions): readonly SettingsProblem[] {
  const { collections } = options;
  return [
    ...urlProblems(options),
    ...authProblems(options),
    ...Object.entries(collections).flatMap(([name, settings]) =>
      collectionProblems(settings).map((problem) => ({
        ...problem,
        path: ["collections", name, ...problem.path],
      })),
    ),
  ];
}

function urlProblems({ name, url, auth, secure = true }: HttpOptions): readonly SettingsProblem[] {
  const wrong = (says: string, hint: string): readonly SettingsProblem[] => [
    { path: ["url"], message: `The url of ${name} ${says}`, hint },
  ];
  if (!URL.canParse(url)) return wrong("is no address", "Write https://host/path.");
  const base = new URL(url);
  if (!/^https?:$/.test(base.protocol)) {
    return wrong("begins with neither http: nor https:", "Write https://host/path.");
  }
  if (base.username !== "" || base.password !== "") {
    return wrong("holds a user or password", "Say it under `auth: { type: basic, … }`.");
  }
  if (base.search !== "" || base.hash !== "") {
    return wrong("goes on after its path", "Parameters stand under a collection's `params`.");
  }
  if (base.protocol === "https:" || isHere(base.hostname) || auth === undefined || !secure) {
    return [];
  }
  return wrong(
    "would show its credentials to everybody on the way",
    "Write https:, or say `secure: false` if nobody can listen there.",
  );
}

function isHere(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function authProblems({ name, auth, headers = {} }: HttpOptions): readonly SettingsProblem[] {
  const problems: SettingsProblem[] = [];
  if (auth?.type === "api-key" && auth.header !== undefined && auth.param !== undefined) {
    problems.push({
      path: ["auth"],
      message: `The key of ${name} would go into a header and into the address`,
      hint: "Keep `header` or `param`; a header is in nobody's log.",
    });
  }
  for (const [header, value] of Object.entries(headers)) {
    const isName = /^[\w!#$%&'*+.^`|~-]+$/.test(header);
    if (isName && /^[\t\x20-\x7e]*$/.test(value) && !OURS.has(header.toLowerCase())) continue;
    problems.push({
      path: ["headers", header],
      message: `A header of ${name} cannot be sent`,
      hint: "Its name or value has a character that no header has, or it is one that we make.",
    });
  }
  if (auth?.type === "oauth2" && !URL.canParse(auth.tokenUrl)) {
    const message = `The tokenUrl of ${name} is no address`;
    problems.push({ path: ["auth", "tokenUrl"], message, hint: "Write https://host/path." });
  }
  return problems;
}

/** What one request may have only once. */
const OURS: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "content-encoding",
  "transfer-encoding",
  "accept-encoding",
]);

function collectionProblems(settings: CollectionSettings): readonly SettingsProblem[] {
  return [
    ...keysetProblems(settings),
    ...itemProblems(settings),
    ...originProblems(settings),
    ...unlistedProblems(settings),
  ];
}

function keysetProblems({ page, key }: CollectionSettings): readonly SettingsProblem[] {
  if (page?.by !== "keyset") return [];
  const listOf = (words: string | readonly string[]) =>
    typeof words === "string" ? [words] : words;
  const fields = page.field === undefined ? (key ?? []) : listOf(page.field);
  const params = listOf(page.param ?? "after");
  if (fields.length > 0 && fields.length !== params.length) {
    const counts = `${params.length}, ${fields.length}`;
    const message = `There is not one parameter for each field (${counts})`;
    const hint = "Name one `param` for each `field`.";
    return [{ path: ["page"], message, hint }];
  }
  if (page.field === undefined || page.inclusive === true) return [];
  const isUnique = key !== undefined && key.every((each) => fields.includes(each));
  if (isUnique) return [];
  return [
    {
      path: ["page", "field"],
      message: "Rows that hold the same there would be lost between two pages",
      hint: "Add the key to `field`, or say `inclusive: true` if a page begins with such rows.",
    },
  ];
}

function itemProblems({ item }: CollectionSettings): readonly SettingsProblem[] {
  if (item === undefined || item === "none" || holesIn(item).length > 0) return [];
  const message = "This path is the same for every row";
  return [{ path: ["item"], message, hint: "Put the key into it, such as /customers/{id}." }];
}

/** What says how rows are asked for. */
const ASKING = ["params", "items", "find", "page", "sorted", "since"] as const;

/**
 * Nobody can look what became of a write, so that it is sent again where that is not known: it has
 * to say what is to be, whatever was before.
 */
function unlistedProblems(settings: CollectionSettings): readonly SettingsProblem[] {
  const { list, key, fields, write } = settings;
  if (list === undefined) return [];
  const problems: SettingsProblem[] = [];
  const add = (path: readonly string[], message: string, hint: string): void =>
    void problems.push({ path, message, hint });
  for (const setting of ASKING) {
    if (settings[setting] === undefined) continue;
    const message = `\`${setting}\` is about asking for rows, which \`list: none\` never does`;
    add([setting], message, "Take one of the two out.");
  }
  if (key === undefined || fields === undefined) {
    const message = "No row shows what fields it has, and which of them name it";
    add(["list"], message, "Say `key` and `fields`, such as { id: text, name: text }.");
  }
  const { create, compare, batch } = write ?? {};
  if (write !== undefined && create !== "PUT" && batch === undefined) {
    const message = "A POST that nobody answered would make the row twice when it is sent again";
    const hint = "Say `create: PUT`, or `batch` where rows are created or replaced together.";
    add(["write", ...(create === undefined ? [] : ["create"])], message, hint);
  }
  if (compare !== undefined && compare !== "none") {
    const message = "With `list: none` there is nothing to compare a write with";
    add(["write", "compare"], message, "Say `compare: none`, or leave it out.");
  }
  return problems;
}

/** Paths stay on the API's own host. */
function originProblems({ path, item, write }: CollectionSettings): readonly SettingsProblem[] {
  const paths: readonly (readonly [readonly string[], string | undefined])[] = [
    [["path"], path],
    [["item"], item],
    [["write", "batch"], write?.batch?.path],
  ];
  return paths.flatMap(([at, text]) => {
    if (text === undefined || !/^(?:[a-z][a-z\d+.-]*:)?\/\//i.test(text)) return [];
    const message = "This path names a host";
    return [{ path: at, message, hint: "Write what follows the system's `url`." }];
  });
}
