// The configurations that `syncline init` writes.

/** What a side of a first configuration can be. */
export const SIDE_KINDS = ["sqlite", "postgres", "csv", "ndjson", "json"] as const;

/** One of them. */
export type SideKind = (typeof SIDE_KINDS)[number];

const HEAD = `# yaml-language-server: $schema=./.syncline/schema.json
version: 1
journal: ./.syncline/journal.db     # what was agreed, decided and asked; keep it
`;

/** Two systems of these kinds and one pipeline, with comments. */
export function starterFor(source: SideKind, target: SideKind): string {
  const systems = [systemOf("crm", source), systemOf("billing", target)];
  const isFile = [source, target].every((kind) => FILES.has(kind));
  return `${HEAD}
systems:                            # where copies are; other kinds: syncline init --help
${systems.join("")}
pipelines:                          # which copies are one thing
  customers:
    source: crm.customers           # system.table; odd names in double quotes
    target: billing.customers
    direction: two-way              # or one-way (the default): the target only follows
${isFile ? FILE_KEY : DATABASE_KEY}\
    # mapping:                      # default: columns of the same name
    #   - { source: name, target: full_name }
    # filters: [ { field: status, operator: in, values: [active, pending] } ]
    # conflicts: { strategy: merge, deletes: ask }      # source-wins, target-wins, union, manual
    # guard: { deletes: { share: 0.1, floor: 25 } }     # more deletions than this wait for you
`;
}

const FILES: ReadonlySet<SideKind> = new Set<SideKind>(["csv", "ndjson", "json"]);

const DATABASE_KEY =
  "    # key: id                       # default: the primary key; [a, b] for several columns\n";
const FILE_KEY =
  "    key: id                         # files declare none; [a, b] for several columns\n";

function systemOf(name: string, kind: SideKind): string {
  const start = `  ${`${name}:`.padEnd(8)} `;
  if (kind === "sqlite") return `${start}{ type: sqlite, path: ./${name}.db }\n`;
  if (kind === "postgres") {
    const variable = `${name.toUpperCase()}_URL`;
    return (
      `  # export ${variable}=postgres://user:password@host:5432/database\n` +
      `${start}{ type: postgres, url: "\${${variable}}" }\n`
    );
  }
  return (
    `  # ${name}.customers is ./${name}/customers.${kind}\n` +
    `${start}{ type: rows, path: ./${name}, format: ${kind} }\n`
  );
}

/** What `--example` writes. */
export const EXAMPLE: string = `${HEAD}
systems:
  crm:     { type: sqlite, path: ./crm.db }
  billing: { type: sqlite, path: ./billing.db }

pipelines:
  customers:
    source: crm.customers
    target: billing.customers
    direction: two-way
    mapping:
      - { source: name, target: full_name }
      - { source: email, target: email }
      - { source: city, target: city }
`;
