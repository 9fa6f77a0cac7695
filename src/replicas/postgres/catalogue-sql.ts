// One question for everything that is to be known of tables, answered as one JSON text.
import { OURS } from "./names.ts";

/**
 * Tables, views and their types. $1: schemas in which tables may be ours, which are left out. $2
 * and $3: only this schema's table; NULL: all. Partitions are part of their table, tables of other
 * sessions are nobody's. Everything is looked up by an index of the catalogue, table by table
 * (OFFSET 0 keeps the planner to it): one table costs the same among five and five thousand.
 */
export const CATALOGUE = `
WITH RECURSIVE rel AS (
  SELECT c.oid, n.oid AS nspoid, n.nspname, c.relname, c.relkind, c.relhassubclass
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
     AND c.relpersistence <> 't' AND n.nspname <> 'information_schema'
     AND n.nspname NOT LIKE 'pg\\_%'
     AND NOT (n.nspname = ANY ($1::text[]) AND starts_with(c.relname, '${OURS}'))
     AND ($2::text IS NULL OR (n.nspname = $2 AND c.relname = $3))
), typ AS (
  SELECT DISTINCT a.atttypid AS oid FROM rel CROSS JOIN LATERAL (
    SELECT a.atttypid FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped OFFSET 0) AS a
  UNION
  SELECT more.oid FROM typ CROSS JOIN LATERAL (
    SELECT t.typbasetype, t.typelem FROM pg_catalog.pg_type t WHERE t.oid = typ.oid OFFSET 0) AS t
    CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem)) AS more (oid) WHERE more.oid <> 0
), following AS (
  SELECT f.confrelid, f.conname, json_build_object(
      'on', 'update',
      'columns', ${names("f.confrelid", "f.confkey")},
      'by', f.conrelid::regclass::text || ' (ON UPDATE ' || CASE f.confupdtype
        WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END || ')') AS ripple
    FROM pg_catalog.pg_constraint f
   WHERE f.contype = 'f' AND f.conparentid = 0 AND f.confupdtype IN ('c', 'n', 'd')
)
SELECT json_build_object(
  'tables', coalesce((SELECT json_agg(json_build_object(
    'schema', rel.nspname,
    'table', rel.relname,
    'kind', rel.relkind,
    'hasChildren', rel.relhassubclass,
    'columns', ${columns()},
    'indexes', ${indexes()},
    'references', ${references()},
    'triggers', ${triggers()},
    'ripples', ${ripples()},
    'privileges', json_build_object(
      'mayEnter', has_schema_privilege(rel.nspoid, 'USAGE'),
      'mayRead', has_any_column_privilege(rel.oid, 'SELECT'),
      'isFiltered', row_security_active(rel.oid),
      'lacks', coalesce((SELECT json_agg(p.name ORDER BY p.at)
        FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY AS p (name, at)
        WHERE NOT has_table_privilege(rel.oid, p.name)), '[]')
    )
  ) ORDER BY rel.nspname COLLATE "C", rel.relname COLLATE "C") FROM rel), '[]'),
  'types', coalesce((SELECT json_agg(json_build_object(
    'oid', t.oid::bigint,
    'name', t.typname,
    'schema', n.nspname,
    'kind', t.typtype,
    'spelled', format_type(t.oid, -1),
    'base', t.typbasetype::bigint,
    'baseModifier', t.typtypmod,
    'element', CASE WHEN t.typcategory = 'A' AND t.typsubscript::oid =
      'pg_catalog.array_subscript_handler'::regproc THEN t.typelem::bigint ELSE 0 END,
    'notNull', t.typnotnull,
    'hasDefault', t.typdefault IS NOT NULL,
    'equality', (SELECT json_build_object('schema', s.nspname, 'name', o.oprname)
      FROM pg_catalog.pg_opclass k
      JOIN pg_catalog.pg_am m ON m.oid = k.opcmethod AND m.amname = 'btree'
      JOIN pg_catalog.pg_amop b ON b.amopfamily = k.opcfamily AND b.amopstrategy = 3
       AND b.amoplefttype = t.oid AND b.amoprighttype = t.oid
      JOIN pg_catalog.pg_operator o ON o.oid = b.amopopr
      JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace
      WHERE n.nspname <> 'pg_catalog' AND k.opcintype = t.oid AND k.opcdefault LIMIT 1),
    'labels', (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder)
      FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid)
  )) FROM typ CROSS JOIN LATERAL (
      SELECT * FROM pg_catalog.pg_type t WHERE t.oid = typ.oid OFFSET 0) AS t
     JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace), '[]'),
  'version', current_setting('server_version_num')::int,
  'encoding', current_setting('server_encoding'),
  'foldsAscii', (SELECT d.datctype IN ('C', 'POSIX') FROM pg_catalog.pg_database d
    WHERE d.datname = current_database()),
  'privileges', json_build_object(
    'user', current_user,
    'database', current_database(),
    'mayStage', has_database_privilege(current_database(), 'TEMPORARY'),
    'isReadOnly', current_setting('transaction_read_only') = 'on'
  ),
  'schemas', (SELECT json_agg(json_build_object('name', n.nspname,
      'mayFill', has_schema_privilege(n.oid, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE')))
    FROM pg_catalog.pg_namespace n),
  'moneyScale', scale(1::money::numeric)
)::text`;

function columns(): string {
  return `coalesce((SELECT json_agg(json_build_object(
      'name', a.attname,
      'type', a.atttypid::bigint,
      'modifier', a.atttypmod,
      'declared', format_type(a.atttypid, a.atttypmod),
      'notNull', a.attnotnull,
      'hasDefault', a.atthasdef AND a.attgenerated = '',
      'generated', a.attgenerated <> '',
      'mayRead', has_table_privilege(rel.oid, 'SELECT')
        OR has_column_privilege(rel.oid, a.attnum, 'SELECT'),
      'identity', a.attidentity,
      'folds', coalesce((SELECT NOT l.collisdeterministic FROM pg_catalog.pg_collation l
        WHERE l.oid = a.attcollation), false)
    ) ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]')`;
}

/** Names of columns, given as numbers. */
function names(table: string, numbers: string): string {
  return `(SELECT json_agg(b.attname ORDER BY k.at)
        FROM unnest(${numbers}) WITH ORDINALITY AS k (number, at)
        JOIN pg_catalog.pg_attribute b ON b.attrelid = ${table} AND b.attnum = k.number)`;
}

/** Partial ones and those over expressions prove nothing. */
function indexes(): string {
  return `coalesce((SELECT json_agg(json_build_object(
      'columns', ${names("i.indrelid", "(i.indkey::int2[])[0:i.indnkeyatts - 1]")},
      'isPrimary', i.indisprimary,
      'isDeferrable', NOT i.indimmediate,
      'folds', (SELECT json_agg(coalesce(NOT l.collisdeterministic, false) ORDER BY o.at)
        FROM unnest((i.indcollation::oid[])[0:i.indnkeyatts - 1]) WITH ORDINALITY AS o (oid, at)
        LEFT JOIN pg_catalog.pg_collation l ON l.oid = o.oid)
    ) ORDER BY NOT i.indisprimary, i.indexrelid) FROM pg_catalog.pg_index i
    WHERE i.indrelid = rel.oid AND i.indisunique AND i.indisvalid
      AND i.indpred IS NULL AND i.indexprs IS NULL), '[]')`;
}

/** Where the other table has partitions, there is one more of each for every partition. */
function references(): string {
  return `coalesce((SELECT json_agg(json_build_object(
      'name', f.conname,
      'columns', ${names("f.conrelid", "f.conkey")},
      'schema', (SELECT n.nspname FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = f.confrelid),
      'table', (SELECT c.relname FROM pg_catalog.pg_class c WHERE c.oid = f.confrelid),
      'references', ${names("f.confrelid", "f.confkey")},
      'equal', (SELECT json_agg(format('OPERATOR(%I.%s)', s.nspname, o.oprname) ORDER BY k.at)
        FROM unnest(f.conpfeqop) WITH ORDINALITY AS k (oid, at)
        JOIN pg_catalog.pg_operator o ON o.oid = k.oid
        JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace),
      'onDelete', f.confdeltype,
      'onUpdate', f.confupdtype,
      'isDeferrable', f.condeferrable
    ) ORDER BY f.conname COLLATE "C") FROM pg_catalog.pg_constraint f
    WHERE f.conrelid = rel.oid AND f.contype = 'f' AND f.conparentid = 0), '[]')`;
}

/** Rules change rows by themselves as well; that of a view is the view. */
function triggers(): string {
  return `coalesce((SELECT json_agg(each.name ORDER BY each.name COLLATE "C") FROM (
      SELECT t.tgname AS name FROM pg_catalog.pg_trigger t
       WHERE t.tgrelid = rel.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
      UNION ALL
      SELECT r.rulename FROM pg_catalog.pg_rewrite r
       WHERE r.ev_class = rel.oid AND r.ev_type <> '1' AND r.ev_enabled <> 'D') AS each), '[]')`;
}

/**
 * What other rows may go or follow by: triggers on deletions, rules, and references with an action.
 */
function ripples(): string {
  return `coalesce((SELECT json_agg(each.ripple ORDER BY each.name COLLATE "C") FROM (
      SELECT t.tgname AS name, json_build_object(
          'on', 'delete', 'by', 'trigger ' || quote_ident(t.tgname)) AS ripple
        FROM pg_catalog.pg_trigger t
       WHERE t.tgrelid = rel.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D'
         AND t.tgtype & 8 <> 0
      UNION ALL
      SELECT r.rulename, json_build_object(
          'on', CASE r.ev_type WHEN '2' THEN 'update' ELSE 'delete' END,
          'by', 'rule ' || quote_ident(r.rulename))
        FROM pg_catalog.pg_rewrite r
       WHERE r.ev_class = rel.oid AND r.ev_type IN ('2', '4') AND r.ev_enabled <> 'D'
      UNION ALL
      SELECT f.conname, f.ripple FROM following f WHERE f.confrelid = rel.oid) AS each), '[]')`;
}
