// A small sample of our own, for installations without the published data: the same kinds of
// change, made by counting and not by chance.
import type { Entries, Entry } from "./entries.ts";

const BASE_COUNT = 400;

/** Three versions: base, what the source becomes, what the target becomes. */
export function sampleGoods(): readonly [Entries, Entries, Entries] {
  const base = range(BASE_COUNT).map((n) => good(n));
  const source = [
    ...base.filter((_, n) => n % 97 !== 0).map((entry, n) => (n % 9 === 0 ? dearer(entry) : entry)),
    ...range(60).map((n) => good(BASE_COUNT + n)),
  ];
  const target = base
    .filter((_, n) => n % 3 === 0)
    .map((entry, n) =>
      n % 10 === 0 ? { ...entry, title: `${String(entry["title"])} (new)` } : entry,
    );
  return [
    { name: "sample goods 1", entries: base },
    { name: "sample goods 2", entries: source },
    { name: "sample goods 2b", entries: target },
  ];
}

/** Two versions of places, with the key of the cities. */
export function samplePlaces(): readonly [Entries, Entries] {
  const before = range(2000).map((n) => place(n));
  const after = [
    ...before
      .filter((_, n) => n % 50 !== 0)
      .map((entry, n) => (n % 40 === 0 ? { ...entry, admin1: "99" } : entry)),
    ...range(150).map((n) => place(2000 + n)),
  ];
  return [
    { name: "sample places 1", entries: before },
    { name: "sample places 2", entries: after },
  ];
}

function good(n: number): Entry {
  return {
    id: `G-${String(n).padStart(4, "0")}`,
    title: `Good number ${n}`,
    price: 10 + (n % 90),
    inStock: n % 4 !== 0,
    tags: n % 5 === 0 ? ["new", `row-${n % 7}`] : [`row-${n % 7}`],
  };
}

function dearer(entry: Entry): Entry {
  return { ...entry, price: Number(entry["price"]) + 1 };
}

function place(n: number): Entry {
  return {
    name: `Place ${n}`,
    lat: (n / 100).toFixed(5),
    lng: (n / 50).toFixed(5),
    country: ["DE", "FR", "IT", "ES"][n % 4],
    admin1: String(n % 16).padStart(2, "0"),
  };
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, n) => n);
}
