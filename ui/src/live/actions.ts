// What people do. Every action throws an Error with the server's words when it fails.
import { create } from "@bufbuild/protobuf";

import type { Pipeline } from "../gen/protos/pipeline_pb";
import { AttachSchema, type ChangeAssignmentRequest } from "../gen/streamdal/console/v1/console_pb";
import { audienceOf } from "./audience";
import type { ConsoleClient, ExternalClient } from "./client";
import type { Live } from "./live";
import type { Assignment, Operation } from "./model";
import { succeeded } from "./words";

type Change = ChangeAssignmentRequest["change"];
type Next = (list: readonly Assignment[]) => readonly Assignment[];

export class Actions {
  // Changes of one operation run one after the other, so that they happen in the order they were asked for.
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(
    private readonly client: ExternalClient,
    private readonly console: ConsoleClient,
    private readonly live: Live,
  ) {}

  /** Adds a pipeline at a place, or at the end. Already attached: nothing changes. */
  attach(operation: Operation, id: string, place?: number): Promise<void> {
    const next = (list: readonly Assignment[]) =>
      list.some((one) => one.id === id) ? list : list.toSpliced(place ?? list.length, 0, { id, paused: false });
    return this.change(operation, id, { case: "attach", value: create(AttachSchema, place === undefined ? {} : { place }) }, next);
  }

  detach(operation: Operation, id: string): Promise<void> {
    return this.change(operation, id, { case: "detach", value: true }, (list) => list.filter((one) => one.id !== id));
  }

  /** Takes a detachment back: gives a pipeline the place and the pause that it had. */
  async reattach(operation: Operation, id: string): Promise<void> {
    const place = operation.pipelines.findIndex((one) => one.id === id);
    await this.attach(operation, id, place < 0 ? undefined : place);
    if (operation.pipelines[place]?.paused) await this.pause(operation, id, true);
  }

  /** Moves a pipeline to a place, counted from 0. */
  move(operation: Operation, id: string, place: number): Promise<void> {
    return this.change(operation, id, { case: "moveTo", value: place }, (list) => moved(list, id, place));
  }

  pause(operation: Operation, id: string, paused: boolean): Promise<void> {
    const next = (list: readonly Assignment[]) => list.map((one) => (one.id === id ? { ...one, paused } : one));
    return this.change(operation, id, { case: "pause", value: paused }, next);
  }

  /** Creates a pipeline, or replaces the one that was seen. A conflict is what somebody else saved since; then nothing was saved. */
  async save(pipeline: Pipeline, seen: Pipeline | undefined): Promise<{ id: string; conflict: Pipeline | undefined }> {
    const { pipelineId, conflict } = await this.console.savePipeline({ pipeline, seen });
    return { id: pipelineId, conflict };
  }

  async delete(pipelineId: string): Promise<void> {
    succeeded(await this.client.deletePipeline({ pipelineId }));
  }

  async deleteOperation(operation: Operation): Promise<void> {
    succeeded(await this.client.deleteAudience({ audience: audienceOf(operation), force: true }));
  }

  /** Deletes all operations of a service, or none of them. */
  async deleteService(serviceName: string): Promise<void> {
    succeeded(await this.client.deleteService({ serviceName, force: true }));
  }

  /** Asks for one change, and shows it meanwhile. The server changes nothing else, whatever others do. */
  private change(operation: Operation, pipelineId: string, change: Change, next: Next): Promise<void> {
    const proposal = this.live.propose(operation.key, next(this.live.assignments(operation.key)));
    return this.queue(operation.key, async () => {
      try {
        const { configs } = await this.console.changeAssignment({ audience: operation.key, pipelineId, change });
        proposal.accept((configs?.configs ?? []).map(({ id, paused }) => ({ id, paused })));
      } catch (error) {
        proposal.reject();
        throw error;
      }
    });
  }

  private queue<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.queues.get(key) ?? Promise.resolve()).then(work, work);
    this.queues.set(key, turn.catch(() => undefined));
    return turn;
  }
}

/** The list with one entry at another place, the last one when there are fewer. */
export function moved(list: readonly Assignment[], id: string, place: number): readonly Assignment[] {
  const from = list.findIndex((one) => one.id === id);
  if (from < 0) return list;
  return list.toSpliced(from, 1).toSpliced(place, 0, list[from]!);
}
