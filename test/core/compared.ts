// The model, asked through a comparison: whatever its simulator does is done by the fold as well.

import { makeComparison } from "./comparison.ts";

export { blank, project, same, sameRow, stored } from "../model/fold.mjs";

/** What all schedules of this process have compared. */
export const comparison = makeComparison();

export const { fold, owed, told, confirm, answer } = comparison;
