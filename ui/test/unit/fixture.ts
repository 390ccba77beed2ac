import type { GetAllResponse } from "../../src/gen/protos/external_pb";
import { externalClient } from "../../src/live/client";
import { buildModel, type Model } from "../../src/live/model";
import { FakeServer } from "../fake/server";

/** The first answer of a fake server. */
export async function answerOf(services: number, prepare?: (server: FakeServer) => void): Promise<GetAllResponse> {
  const server = new FakeServer(services);
  prepare?.(server);
  const stop = new AbortController();
  for await (const answer of externalClient(server.transport()).getAllStream({}, { signal: stop.signal })) {
    stop.abort();
    return answer;
  }
  throw new Error("the stream was empty");
}

export async function modelOf(services: number, prepare?: (server: FakeServer) => void): Promise<Model> {
  return buildModel(await answerOf(services, prepare));
}
