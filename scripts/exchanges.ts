/**
 * Mission scenario 5 in full: 500 edits on three replicas, exchanged in 200 random orders with
 * partitions, by every automatic strategy. `npm test` plays a few of the orders. Exits with 1 at
 * the first order whose replicas do not converge.
 *
 *   npm run exchanges -- [--orders N] [--from N]
 */
import { parseArgs } from "node:util";
import { EDITS, ORDERS, play, WAYS } from "../test/scenarios/exchanges.ts";

const { values: args } = parseArgs({
  options: {
    orders: { type: "string", default: String(ORDERS) },
    from: { type: "string", default: "0" },
  },
});
const from = Number(args.from);
const until = from + Number(args.orders);

for (const way of WAYS) {
  let [exchanges, cuts, questions] = [0, 0, 0];
  for (let order = from; order < until; order++) {
    const played = await play(way, order);
    exchanges += played.exchanges;
    cuts += played.cuts;
    questions += played.questions;
  }
  console.log(
    `${way.name}: ${until - from} orders of ${EDITS} edits, ${exchanges} exchanges, ` +
      `${cuts} cuts, ${questions} questions; every replica the same, and at rest`,
  );
}
