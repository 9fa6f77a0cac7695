// Objects in a JSON text of which some members are replaced and all others kept byte for byte.
import { membersOf, stringEnd } from "../../core/json-scan.ts";
import type { Member } from "../../core/json-scan.ts";

/**
 * The same object with some members replaced, added at its end or (an empty token) taken out; all
 * other text stays as it was.
 */
export function withMembers(text: string, tokens: ReadonlyMap<string, string>): string {
  const members = membersOf(text);
  const waiting = new Map(tokens);
  const between = betweenMembers(text, members);
  const start = text.indexOf("{") + 1;
  const parts: string[] = [];
  for (const [index, { name, value, from }] of members.entries()) {
    const token = tokens.get(name);
    waiting.delete(name);
    if (token === "") continue;
    const before = members[index - 1]?.value.to ?? start;
    const separator = parts.length === 0 ? "" : text.slice(before, from);
    const body =
      token !== undefined ? text.slice(from, value.from) + token : text.slice(from, value.to);
    parts.push(separator + body);
  }
  for (const [name, token] of waiting) {
    if (token === "") continue;
    const separator = parts.length === 0 ? "" : between.separator;
    parts.push(`${separator}${JSON.stringify(name)}${between.colon}${token}`);
  }
  const head = text.slice(0, members[0]?.from ?? start);
  return head + parts.join("") + text.slice(members.at(-1)?.value.to ?? start);
}

/** How the members of an object are set apart. */
function betweenMembers(text: string, members: readonly Member[]) {
  const [first, second] = members;
  if (first === undefined) return { separator: ",", colon: ":" };
  const separator =
    second === undefined
      ? `,${text.slice(text.indexOf("{") + 1, first.from)}`
      : text.slice(first.value.to, second.from);
  return { separator, colon: text.slice(stringEnd(text, first.from), first.value.from) };
}
