// Files of the model, unchanged, over another fold than their own.

import { registerHooks } from "node:module";

/** A file of the model that imports, as its fold, `dressed.ts` (ours) or `compared.ts` (both). */
export async function loadOver<T>(file: string, fold: "dressed" | "compared"): Promise<T> {
  const mark = `?over=${fold}`;
  const url = new URL(`./${fold}.ts`, import.meta.url).href;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const isFold = specifier === "./fold.mjs" && context.parentURL?.endsWith(mark) === true;
      return isFold ? { url, shortCircuit: true } : next(specifier, context);
    },
  });
  try {
    return (await import(new URL(`../model/${file}${mark}`, import.meta.url).href)) as T;
  } finally {
    hooks.deregister();
  }
}
