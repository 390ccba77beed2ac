// What people do. Every action throws an Error with the server's words when it fails.
import { Code, ConnectError } from "@connectrpc/connect";

import { audienceOf } from "./audience";
import type { ExternalClient } from "./client";
import type { Live } from "./live";
import type { Assignment, Operation } from "./model";
import { succeeded } from "./words";

export class Actions {
  // Changes of one operation run one after the other, each from the newest list.
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor(
    private readonly client: ExternalClient,
    private readonly live: Live,
  ) {}

  /** Adds a pipeline at a position, or at the end. Already attached: nothing changes. */
  attach(operation: Operation, id: string, position?: number): Promise<void> {
    return this.change(operation, (list) => {
      if (list.some((one) => one.id === id)) return list;
      const next = [...list];
      next.splice(position ?? list.length, 0, { id, paused: false });
      return next;
    });
  }

  detach(operation: Operation, id: string): Promise<void> {
    return this.change(operation, (list) => list.filter((one) => one.id !== id));
  }

  /** Moves a pipeline by so many places, towards the start when negative. */
  move(operation: Operation, id: string, by: number): Promise<void> {
    return this.change(operation, (list) => moved(list, id, by));
  }

  pause(operation: Operation, id: string, paused: boolean): Promise<void> {
    return this.queue(operation.key, async () => {
      const list = this.live.assignments(operation.key);
      const proposal = this.live.propose(operation.key, list.map((one) => (one.id === id ? { ...one, paused } : one)));
      const request = { pipelineId: id, audience: audienceOf(operation) };
      try {
        succeeded(await (paused ? this.client.pausePipeline(request) : this.client.resumePipeline(request)));
        proposal.accept();
      } catch (error) {
        proposal.reject();
        throw error;
      }
    });
  }

  /** Creates a pipeline from its JSON form and gives its id. */
  async create(json: string): Promise<string> {
    const answer = await this.client.createPipeline({ pipelineJson: new TextEncoder().encode(json) });
    if (!answer.pipelineId) throw new Error(answer.message || "The server did not say which pipeline it created.");
    return answer.pipelineId;
  }

  async update(json: string): Promise<void> {
    succeeded(await this.client.updatePipeline({ pipelineJson: new TextEncoder().encode(json) }));
  }

  async delete(pipelineId: string): Promise<void> {
    succeeded(await this.client.deletePipeline({ pipelineId }));
  }

  async deleteOperation(operation: Operation): Promise<void> {
    succeeded(await this.client.deleteAudience({ audience: audienceOf(operation), force: true }));
  }

  /** The schema inferred for an operation; undefined when there is none yet. */
  async schema(operation: Operation): Promise<{ text: string; version: number; updated: string } | undefined> {
    const { schema } = await this.client.getSchema({ audience: audienceOf(operation) }).catch(missing);
    // Known schemas count from 1; until then the server answers with an empty one.
    if (!schema || schema.Version === 0) return undefined;
    const text = new TextDecoder().decode(schema.jsonSchema);
    return { text, version: schema.Version, updated: schema.Metadata["last_updated"] ?? "" };
  }

  private change(operation: Operation, next: (list: readonly Assignment[]) => readonly Assignment[]): Promise<void> {
    return this.queue(operation.key, async () => {
      const before = this.live.assignments(operation.key);
      const after = next(before);
      if (after === before) return;
      const proposal = this.live.propose(operation.key, after);
      try {
        const pipelineIds = after.map((one) => one.id);
        succeeded(await this.client.setPipelines({ audience: audienceOf(operation), pipelineIds }));
        proposal.accept();
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

function missing(error: unknown): { schema?: undefined } {
  if (error instanceof ConnectError && error.code === Code.NotFound) return {};
  throw error;
}

/** The list with one entry moved by so many places; the same list when it cannot move. */
export function moved(list: readonly Assignment[], id: string, by: number): readonly Assignment[] {
  const from = list.findIndex((one) => one.id === id);
  const to = Math.max(0, Math.min(list.length - 1, from + by));
  if (from < 0 || to === from) return list;
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}
