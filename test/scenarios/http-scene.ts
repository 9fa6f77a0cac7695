// A database and an API on this machine, joined by a configuration and used by the command line.
import type { TestContext } from "node:test";
import type { ConfigInput, HttpInput, PipelineInput } from "../../src/config/index.ts";
import { startApi } from "../replicas/http-server.ts";
import type { ApiOptions, TestApi } from "../replicas/http-server.ts";
import { sceneOf } from "./scene.ts";
import type { Scene } from "./scene.ts";

/** A scene whose `right.db` is an API. */
export interface HttpScene extends Scene {
  readonly api: TestApi;
}

/** How the API is set up, and how the pipeline joins them. */
export interface Joined {
  readonly api?: ApiOptions;
  readonly collections: HttpInput["collections"];
  readonly system?: Partial<HttpInput>;
  readonly pipeline: PipelineInput;
}

/** Makes a scene; the pipeline `things` joins `left` and `vendor`. */
export async function httpScene(
  t: TestContext,
  { api: options, collections, system, pipeline }: Joined,
  now: () => number = Date.now,
): Promise<HttpScene> {
  const api = await startApi(options);
  t.after(() => api.close());
  const scene = sceneOf(t, pipeline, now);
  const vendor: HttpInput = { type: "http", url: api.url, collections, ...system };
  const systems: ConfigInput["systems"] = { left: { type: "sqlite", path: "left.db" }, vendor };
  scene.configure({ systems, pipelines: { things: pipeline } });
  return { ...scene, api };
}
