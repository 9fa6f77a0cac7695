// A trading company in tables that refer to each other, rings included, generated from a seed; as
// SQL for SQLite and for PostgreSQL.

/** Which database a statement is for. */
export type Dialect = "sqlite" | "postgres";

type Action = "CASCADE" | "SET NULL";

interface Reference {
  readonly columns: readonly string[];
  readonly table: string;
  readonly to: readonly string[];
  readonly onDelete?: Action;
  readonly onUpdate?: Action;
  readonly isDeferred?: true;
}

/** A column's type; `!`: it must not be NULL. */
type Kind = "integer" | "text" | "date" | "money";

/** One table as both databases have it. */
export interface Table {
  readonly name: string;
  readonly columns: { readonly [column: string]: Kind | `${Kind}!` };
  readonly key: readonly string[];
  readonly unique?: readonly string[];
  readonly references?: readonly Reference[];
}

const to = (
  column: string,
  table: string,
  other = "id",
  more: Partial<Reference> = {},
): Reference => ({
  columns: [column],
  table,
  to: [other],
  ...more,
});

/** Children stand before their parents, so that nothing comes right by the order of tables. */
export const TABLES: readonly Table[] = [
  {
    name: "order_details",
    columns: { order_id: "integer", product: "integer", quantity: "integer!", price: "money!" },
    key: ["order_id", "product"],
    references: [
      to("order_id", "orders", "id", { onDelete: "CASCADE" }),
      to("product", "products"),
    ],
  },
  {
    name: "orders",
    columns: {
      id: "integer",
      customer: "text!",
      employee: "integer",
      shipper: "integer",
      ordered: "date!",
      freight: "money",
    },
    key: ["id"],
    references: [
      to("customer", "customers", "code", { onUpdate: "CASCADE" }),
      to("employee", "employees", "id", { onDelete: "SET NULL" }),
      to("shipper", "shippers"),
    ],
  },
  {
    name: "employee_territories",
    columns: { employee: "integer", territory: "text" },
    key: ["employee", "territory"],
    references: [
      to("employee", "employees", "id", { onDelete: "CASCADE" }),
      to("territory", "territories", "code"),
    ],
  },
  {
    name: "territories",
    columns: { code: "text", region: "integer!", description: "text" },
    key: ["code"],
    references: [to("region", "regions")],
  },
  { name: "regions", columns: { id: "integer", name: "text!" }, key: ["id"], unique: ["name"] },
  {
    // A ring that may be NULL at one place.
    name: "departments",
    columns: { id: "integer", name: "text!", head: "integer" },
    key: ["id"],
    unique: ["name"],
    references: [to("head", "employees")],
  },
  {
    name: "employees",
    columns: {
      id: "integer",
      name: "text!",
      extension: "text",
      reports_to: "integer",
      department: "integer!",
    },
    key: ["id"],
    unique: ["extension"],
    references: [to("reports_to", "employees"), to("department", "departments")],
  },
  {
    name: "products",
    columns: {
      id: "integer",
      name: "text!",
      sku: "text!",
      supplier: "integer!",
      category: "integer",
      price: "money",
    },
    key: ["id"],
    unique: ["sku"],
    references: [
      to("supplier", "suppliers"),
      to("category", "categories", "id", { onDelete: "SET NULL" }),
    ],
  },
  {
    name: "categories",
    columns: { id: "integer", name: "text!", parent: "integer" },
    key: ["id"],
    unique: ["name"],
    references: [to("parent", "categories")],
  },
  { name: "suppliers", columns: { id: "integer", name: "text!" }, key: ["id"] },
  { name: "shippers", columns: { id: "integer", name: "text!", phone: "text" }, key: ["id"] },
  {
    // A ring that is looked at when a transaction ends.
    name: "customers",
    columns: { code: "text", name: "text!", contact: "integer" },
    key: ["code"],
    references: [to("contact", "contacts", "id", { isDeferred: true })],
  },
  {
    name: "contacts",
    columns: { id: "integer", customer: "text!", name: "text!" },
    key: ["id"],
    references: [to("customer", "customers", "code", { onUpdate: "CASCADE", isDeferred: true })],
  },
];

const TYPES: { readonly [dialect in Dialect]: { readonly [kind in Kind]: string } } = {
  sqlite: { integer: "INTEGER", text: "TEXT", date: "DATE", money: "DECIMAL(10,2)" },
  postgres: { integer: "integer", text: "text", date: "date", money: "numeric(10,2)" },
};

/** Statements that make these tables, whatever refers to what. */
export function create(dialect: Dialect, tables: readonly Table[] = TABLES): readonly string[] {
  const inside = dialect === "sqlite";
  const made = tables.map((table) => {
    const columns = Object.entries(table.columns).map(([name, kind]) => {
      const type = TYPES[dialect][kind.replace("!", "") as Kind]; // it is one with or without !
      return `${name} ${type}${kind.endsWith("!") || table.key.includes(name) ? " NOT NULL" : ""}`;
    });
    const unique = (table.unique ?? []).map((name) => `UNIQUE (${name})`);
    const references = inside ? (table.references ?? []).map(referenceSql) : [];
    const parts = [...columns, `PRIMARY KEY (${table.key.join(", ")})`, ...unique, ...references];
    return `CREATE TABLE ${table.name} (${parts.join(", ")})`;
  });
  const added = tables.flatMap(({ name, references = [] }) =>
    references.map((each) => `ALTER TABLE ${name} ADD ${referenceSql(each)}`),
  );
  return inside ? made : [...made, ...added];
}

function referenceSql({ columns, table, to: other, onDelete, onUpdate, isDeferred }: Reference) {
  const parts = [`FOREIGN KEY (${columns.join(", ")}) REFERENCES ${table} (${other.join(", ")})`];
  if (onDelete !== undefined) parts.push(`ON DELETE ${onDelete}`);
  if (onUpdate !== undefined) parts.push(`ON UPDATE ${onUpdate}`);
  if (isDeferred === true) parts.push("DEFERRABLE INITIALLY DEFERRED");
  return parts.join(" ");
}

/** One text for each row of a table, in the order of its key, the same in both databases. */
export function dumpSql(dialect: Dialect, { name, columns, key }: Table): string {
  const cells = Object.entries(columns).map(([column, kind]) => {
    const shown =
      dialect === "postgres" && kind.startsWith("money") ? `trim_scale(${column})` : column;
    return `coalesce(CAST(${shown} AS text), '-')`;
  });
  return `SELECT ${cells.join(" || '|' || ")} AS line FROM ${name} ORDER BY ${key
    .map((column) => {
      const isText = dialect === "postgres" && columns[column]?.startsWith("text");
      return isText ? `${column} COLLATE "C"` : column;
    })
    .join(", ")}`;
}

/** How many rows of each kind there are to begin with. */
const COUNTS = { employees: 60, customers: 40, products: 80, orders: 120 } as const;

/** Statements that fill the tables, in one transaction. */
export function fill(random: () => number): readonly string[] {
  const pick = (count: number): number => 1 + Math.floor(random() * count);
  const many = (count: number, row: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => `(${row(i + 1)})`).join(", ");
  const { employees, customers, products, orders } = COUNTS;
  const insert = (table: string, count: number, row: (i: number) => string): string =>
    `INSERT INTO ${table} VALUES ${many(count, row)}`;
  const details = Array.from({ length: orders }, (_, i) => {
    const first = pick(products);
    const lines = Array.from({ length: pick(5) }, (_line, n) => ((first + n * 7) % products) + 1);
    return [...new Set(lines)].map((product) => {
      return `(${i + 1}, ${product}, ${pick(30)}, ${pick(9000)} / 100.0)`;
    });
  }).flat();
  return [
    insert("regions", 4, (i) => `${i}, 'Region ${i}'`),
    insert("territories", 20, (i) => `'T-${i}', ${pick(4)}, 'Territory ${i}'`),
    insert("departments", 6, (i) => `${i}, 'Department ${i}', NULL`),
    // Whoever comes later may be the boss of who came first.
    insert("employees", employees, (i) => `${i}, 'Employee ${i}', 'x${i}', NULL, ${pick(6)}`),
    ...Array.from({ length: employees - 1 }, (_, i) => {
      return `UPDATE employees SET reports_to = ${i + 2} WHERE id = ${i + 1}`;
    }),
    ...Array.from({ length: 6 }, (_, i) => {
      return `UPDATE departments SET head = ${pick(employees)} WHERE id = ${i + 1}`;
    }),
    insert("employee_territories", employees, (i) => `${i}, 'T-${pick(20)}'`),
    insert("categories", 12, (i) => `${i}, 'Category ${i}', ${i === 12 ? "NULL" : i + 1}`),
    insert("suppliers", 10, (i) => `${i}, 'Supplier ${i}'`),
    insert("shippers", 4, (i) => `${i}, 'Shipper ${i}', NULL`),
    insert("products", products, (i) => {
      return `${i}, 'Product ${i}', 'sku-${i}', ${pick(9)}, ${pick(11)}, ${pick(5000)} / 100.0`;
    }),
    insert("customers", customers, (i) => `'C-${i}', 'Customer ${i}', ${i % 5 === 0 ? "NULL" : i}`),
    insert("contacts", customers, (i) => `${i}, 'C-${i}', 'Contact ${i}'`),
    insert("orders", orders, (i) => {
      const day = `2026-${String(pick(12)).padStart(2, "0")}-${String(pick(28)).padStart(2, "0")}`;
      const employee = i % 10 === 0 ? "NULL" : pick(employees);
      return `${i}, 'C-${pick(customers)}', ${employee}, ${pick(3)}, '${day}', ${pick(900)} / 4.0`;
    }),
    `INSERT INTO order_details VALUES ${details.join(", ")}`,
  ];
}
