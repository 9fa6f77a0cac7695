// The texts of entries at rest that were just created, as the codec would write them.
import { encodeValue, encodeValues } from "../core/json.ts";
import { assert } from "../core/errors.ts";
import type { OwnRow, Row } from "../core/state.ts";
import { sameAll } from "../core/values.ts";
import type { Context } from "./context.ts";
import { restBodies } from "./memory.ts";

/** The body of one: of its values (or their digest) and of what its sides hold. */
export type BodyOf = (row: Row, own: OwnRow, to: OwnRow) => string;

/** Makes bodies of entries that the source created. */
export function makeBodyOf(context: Context): BodyOf {
  const { policy, view, pipeline } = context;
  const restBody = restBodies({ by: 0, stamp: context.stamp }, context.codec.layout);
  const hasMember = policy.member >= 0;
  if (pipeline.memory === "digest") {
    const { before, after } = digestFrame(context);
    return ([digest]) => {
      assert(typeof digest === "string", "a row stands for itself where digests are remembered");
      return `${before}${digest}${after}`;
    };
  }
  return (row, own, to) => {
    const values = hasMember ? [...row.slice(0, policy.member), true] : row;
    const owns = [own, to].map((each, side) => {
      const follows = view.ownOf(side, values);
      return follows !== undefined && sameAll(follows, each) ? encodeValue(0) : encodeValues(each);
    });
    const kept = owns.some((each) => each !== "0") ? `[${owns.join(",")}]` : undefined;
    return restBody(encodeValues(values), kept);
  };
}

/** What stands around the digest in each body. A digest stands in JSON as it is. */
export function digestFrame({ policy, stamp, codec }: Context): {
  readonly before: string;
  readonly after: string;
} {
  const [before, end] = ['["', policy.member >= 0 ? '",true]' : '"]'];
  const whole = restBodies({ by: 0, stamp }, codec.layout)(`${before}${end}`, undefined);
  const at = whole.indexOf(before) + before.length;
  return { before: whole.slice(0, at), after: whole.slice(at) };
}
