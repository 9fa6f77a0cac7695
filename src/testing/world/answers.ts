// The person who answers questions: looks at one, may be interrupted by users, and answers it.
import { WHOLE } from "../../core/state.ts";
import type { Entry, Question, Value } from "../../core/state.ts";
import { same } from "../../core/values.ts";
import type { Choice } from "../../engine/options.ts";
import { questions } from "../../engine/questions.ts";
import { resolve } from "../../engine/resolve.ts";
import type { QuestionView } from "../../engine/views.ts";
import { makeDice, type Dice } from "./dice.ts";
import { numberOf, type Scene } from "./scene.ts";
import type { Step } from "./script.ts";
import { sideNames } from "./settings.ts";
import { act } from "./user.ts";
import { makeValue } from "./values.ts";

/** Answers one of the open questions, if there are any. */
export async function answerOne(
  scene: Scene,
  { roll, users }: Extract<Step, { readonly kind: "answer" }>,
): Promise<void> {
  const { link, machine } = scene;
  const dice = makeDice(Math.floor(roll * 4294967296));
  const views: QuestionView[] = [];
  for await (const view of questions(link, {})) views.push(view);
  if (views.length === 0) return;
  const view = dice.pick(views);
  const key = numberOf(view.key);
  const entry = scene.entryOf(key);
  const question = entry && questionOf(scene, entry, view);
  if (entry === undefined || question === undefined) return;
  const choice = choose(scene, dice, view, question);
  for (const user of users) act(scene, user);
  machine.note(
    () => `answers ${view.id} (${view.field ?? "*"} of ${key}): ${JSON.stringify(choice)}`,
  );
  const decided = (of: number): boolean => {
    if (of === key) overrule(scene, { key, entry, question, choice });
    return of === key;
  };
  scene.doing = { kind: "answer", decided };
  const { answered } = await resolve(
    link,
    { filter: { ids: [view.id] }, choice, author: "ada", seen: view.seen },
    new AbortController().signal,
  );
  machine.count(answered > 0 ? "answer" : "answer to a question that had moved");
}

function questionOf(scene: Scene, entry: Entry, view: QuestionView): Question | undefined {
  const field = view.field === null ? WHOLE : scene.fields.indexOf(view.field);
  return entry.open.find(
    (question) => question.why === view.why && (question.field === field || field < WHOLE + 1),
  );
}

function choose(scene: Scene, dice: Dice, view: QuestionView, question: Question): Choice {
  const names = sideNames(scene.setup);
  const held = Object.keys(view.held);
  const act = dice.next();
  if (act < 0.5) return { kind: "side", side: dice.pick(held) };
  if (act < 0.7 && hasBase(scene, view)) return { kind: "base" };
  if (act < 0.8) return { kind: "policy", strategy: `${dice.pick(names)}-wins` };
  if (question.field === WHOLE) {
    return act < 0.9
      ? { kind: "delete" }
      : { kind: "policy", strategy: dice.pick(["edit-wins", "delete-wins"]) };
  }
  if (view.field !== "f" && view.field !== "g") return { kind: "side", side: dice.pick(held) };
  const isText = view.field === "g" && scene.setup.hasText;
  const value = makeValue(scene.ledger.newId(), { isText, detail: dice.int(10), isBad: false });
  return { kind: "value", value };
}

/** Only what was agreed can be agreed again. */
function hasBase(scene: Scene, { base, field }: QuestionView): boolean {
  if (base === undefined || base === null) return false;
  return field !== null || scene.carried().every((name) => Object.hasOwn(Object(base), name));
}

interface Answered {
  readonly key: number;
  readonly entry: Entry;
  readonly question: Question;
  readonly choice: Choice;
}

/** What the person had before their eyes and did not choose may go. */
function overrule(scene: Scene, { key, entry, question, choice }: Answered): void {
  const { ledger } = scene;
  scene.isAnswered = true;
  scene.rolledBack.add(key);
  const isWhole = question.field === WHOLE;
  for (const [f, field] of scene.fields.entries()) {
    if (!isWhole && question.field !== f) continue;
    const chosen = chosenAt(scene, { key, entry, question, choice }, f);
    const seen: readonly (Value | undefined)[] = [
      ...question.held.map((held) => held?.row?.[f]),
      entry.agreed.values[f],
    ];
    for (const value of seen) {
      if (value !== undefined && !same(value, chosen)) ledger.over(key, field, value, "answered");
    }
  }
  for (const edit of ledger.of(key)) {
    if (edit.subject === "u-" && (isWhole || scene.fields[question.field] === "u"))
      edit.over ??= "answered";
    const isSeen = edit.seenAt !== undefined || question.held[edit.side]?.row === null;
    if (edit.subject === "here" && isWhole && isSeen) edit.over ??= "answered";
  }
}

function chosenAt(
  scene: Scene,
  { entry, question, choice }: Answered,
  f: number,
): Value | undefined {
  switch (choice.kind) {
    case "side": {
      const side = sideNames(scene.setup).indexOf(choice.side);
      return question.held[side]?.row?.[f];
    }
    case "base":
      return entry.agreed.values[f];
    case "value":
      return choice.value;
    case "delete":
    case "policy":
      return undefined;
  }
}
