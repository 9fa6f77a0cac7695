import { blame as blameOf } from "../../engine/index.ts";
import { keyIn, pipelineOption, textOption } from "../arguments.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { safe, shownValue } from "../values.ts";
import { recalledPlace, withRecall } from "../workspace.ts";
import { unknownEntry } from "./history.ts";

/** Who decided each field of one entry, and when. Reads only the journal. */
export const blame: Command = (call) =>
  withRecall(call, pipelineOption(call), async (recall) => {
    const named = textOption(call, "pipeline");
    const { link, pipeline } = recalledPlace(recall, named, "A key");
    const text = call.arguments[0] ?? "";
    const fields = await blameOf(link, { pipeline: pipeline.name, key: keyIn(pipeline, text) });
    if (fields.length === 0) throw unknownEntry(pipeline.name, text);
    return {
      exit: EXIT.done,
      summary: { pipeline: pipeline.name, fields: fields.length },
      result: { fields },
      print: (page) =>
        page.columns(
          fields.map(({ field, value, by, at }) => {
            return [page.style.bold(safe(field)), safe(by), at, shownValue(value)];
          }),
        ),
    };
  });
