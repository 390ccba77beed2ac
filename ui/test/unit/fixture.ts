import type { GetAllResponse } from "../../src/gen/protos/external_pb";
import { consoleClient } from "../../src/live/client";
import { buildModel, type Model } from "../../src/live/model";
import { FakeServer } from "../fake/server";

/** The first answer of a fake server. */
export async function answerOf(services: number, prepare?: (server: FakeServer) => void): Promise<GetAllResponse> {
  const server = new FakeServer(services);
  prepare?.(server);
  const stop = new AbortController();
  for await (const { part } of consoleClient(server.transport()).watch({}, { signal: stop.signal })) {
    stop.abort();
    if (part.case === "picture") return part.value;
  }
  throw new Error("the stream was empty");
}

export async function modelOf(services: number, prepare?: (server: FakeServer) => void): Promise<Model> {
  return buildModel(await answerOf(services, prepare));
}
