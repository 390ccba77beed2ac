// A server in memory with as many services as asked for: for tests and for work on looks without Go.
import { create, fromJson } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport, type Transport } from "@connectrpc/connect";

import { ResponseCode, StandardResponseSchema } from "../../src/gen/protos/common_pb";
import { External, GetAllResponseSchema } from "../../src/gen/protos/external_pb";
import { LiveInfoSchema, PipelineInfoSchema } from "../../src/gen/protos/info_pb";
import { type Pipeline, PipelineConfigSchema, PipelineConfigsSchema, PipelineSchema } from "../../src/gen/protos/pipeline_pb";
import { audienceOf, keyOf, type Names, namesOf } from "../../src/live/audience";
import type { SessionApi } from "../../src/live/session";
import { type ChangeAssignmentRequest, Console, Delivery, NodeStateSchema, RatesSchema, SessionListSchema } from "../../src/gen/streamdal/console/v1/console_pb";
import { alike } from "../../src/pages/pipelines/editor/draft";
import { templates } from "../../src/pages/pipelines/templates/templates";
import { FakeTails } from "./tails";

type Assigned = { id: string; paused: boolean }[];

export class FakeServer {
  readonly pipelines = new Map<string, Pipeline>();
  readonly assignments = new Map<string, Assigned>();
  readonly names: Names[] = [];
  readonly rates = new Map<string, { bytes: number; processed: number; errors?: number }>();
  readonly tails = new FakeTails();
  /** Whether the picture comes again with each change. */
  pictured = true;
  /** Words with which the next change is refused. */
  refusal: string | undefined;
  private readonly watchers = new Set<() => void>();

  constructor(services: number) {
    for (let n = 0; n < services; n++) this.addService(n);
    templates.slice(0, 2).forEach(({ text }, n) => this.put(fromJson(PipelineSchema, JSON.parse(text)), `pipeline-${n}`));
    for (const key of this.names.slice(0, 3).map(keyOf)) this.assignments.set(key, [{ id: "pipeline-0", paused: false }]);
  }

  /** Lets messages flow through every operation, more of them through some, and differently every second. */
  flow(): void {
    const tick = () => {
      this.names.forEach((names, n) => {
        const processed = 10 ** (n % 4) * (1 + Math.random());
        this.rates.set(keyOf(names), { bytes: 240 * processed, processed, errors: n % 17 === 0 ? processed / 50 : 0 });
      });
      this.changed();
    };
    tick();
    setInterval(() => {
      this.pictured = false;
      tick();
    }, 1_000);
  }

  /** Ends all streams, as a server does that goes down. */
  hangUp(): void {
    this.ended = true;
    this.changed();
  }

  private ended = false;
  private changes = 0;
  private revision = 1n;

  readonly session: SessionApi = {
    read: () => Promise.resolve({ role: "admin" }),
    login: () => Promise.resolve({ role: "admin" }),
    logout: () => Promise.resolve(),
  };

  transport(): Transport {
    return createRouterTransport(({ service }) => {
      service(External, {
        tail: (request, context) => this.tails.tail(request, context),
        pauseTail: ({ tailId }) => this.tails.pause(tailId, true),
        resumeTail: ({ tailId }) => this.tails.pause(tailId, false),
        deletePipeline: ({ pipelineId }) =>
          this.change(() => {
            this.pipelines.delete(pipelineId);
            for (const [key, list] of this.assignments) this.assignments.set(key, list.filter(({ id }) => id !== pipelineId));
          }),
      });
      service(Console, {
        watch: (_, { signal }) => this.watch(signal),
        savePipeline: ({ pipeline, seen }) => {
          if (this.refusal !== undefined) throw new ConnectError(this.takeRefusal(), Code.InvalidArgument);
          const id = pipeline!.id || `pipeline-${this.pipelines.size}`;
          const now = this.pipelines.get(id);
          if (now && seen && !alike(now, seen)) return { pipelineId: id, conflict: now };
          this.put(pipeline!, id);
          this.changed();
          return { pipelineId: id };
        },
        checkPipeline: ({ pipeline }) => ({ steps: pipeline!.steps.map(() => ({ moduleBytes: 4_200 })) }),
        changeAssignment: ({ audience, pipelineId, change }) => {
          if (this.refusal !== undefined) throw new ConnectError(this.takeRefusal(), Code.InvalidArgument);
          const list = changed(this.assignments.get(audience) ?? [], pipelineId, change);
          this.assignments.set(audience, list);
          this.changed();
          return { configs: { configs: list } };
        },
        getCharts: ({ audience }) => chartsOf(this.assignments.get(audience) ?? []),
      });
    });
  }

  changed(): void {
    this.changes++;
    this.watchers.forEach((wake) => wake());
  }

  private change(work: () => void) {
    if (this.refusal !== undefined) {
      return create(StandardResponseSchema, { code: ResponseCode.BAD_REQUEST, message: this.takeRefusal() });
    }
    work();
    this.changed();
    return create(StandardResponseSchema, { code: ResponseCode.OK });
  }

  private takeRefusal(): string {
    const words = this.refusal!;
    this.refusal = undefined;
    return words;
  }

  private async *watch(signal: AbortSignal) {
    this.ended = false;
    while (!signal.aborted) {
      const told = this.changes;
      if (this.pictured) yield { part: { case: "picture" as const, value: this.all() } };
      yield { part: { case: "sessions" as const, value: this.sessions() } };
      yield { part: { case: "rates" as const, value: create(RatesSchema, { audiences: Object.fromEntries(this.rates) }) } };
      yield { part: { case: "node" as const, value: this.node() } };
      if (told === this.changes) await this.nextChange(signal);
      if (this.ended) throw new ConnectError("server shutting down", Code.Unavailable);
    }
  }

  private nextChange(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.watchers.delete(wake);
        resolve();
      };
      this.watchers.add(wake);
      signal.addEventListener("abort", wake);
    });
  }

  private node() {
    return create(NodeStateSchema, { name: "node-1", version: "1.2.3", revision: this.revision++, nodes: ["node-1"] });
  }

  private sessions() {
    const sessions = this.live().map(({ audiences, client }) => ({
      id: client!.SessionId!,
      service: client!.ServiceName!,
      language: client!.language,
      libraryVersion: client!.libraryVersion,
      node: client!.NodeName!,
      stream: true,
      heardUnixMs: BigInt(Date.now()),
      audiences: audiences.map((audience) => ({ audience: keyOf(namesOf(audience)), delivery: Delivery.CURRENT })),
    }));
    return create(SessionListSchema, { sessions });
  }

  private all() {
    const uses = [...this.pipelines].map(([id, pipeline]) => [id, create(PipelineInfoSchema, { pipeline })] as const);
    const configs = [...this.assignments]
      .filter(([, list]) => list.length > 0)
      .map(([key, list]) => [key, create(PipelineConfigsSchema, { configs: list.map((one) => create(PipelineConfigSchema, one)) })] as const);
    return create(GetAllResponseSchema, {
      audiences: this.names.map(audienceOf),
      live: this.live(),
      pipelines: Object.fromEntries(uses),
      configs: Object.fromEntries(configs),
    });
  }

  private live() {
    const services = [...new Set(this.names.map(({ service }) => service))];
    return services.flatMap((service, n) =>
      Array.from({ length: n % 4 }, (_, i) =>
        create(LiveInfoSchema, {
          audiences: this.names.filter((names) => names.service === service).map(audienceOf),
          client: {
            language: ["go", "python", "typescript", "ruby"][n % 4]!,
            libraryName: "streamdal-sdk",
            libraryVersion: "0.1.4",
            os: "linux",
            arch: "amd64",
            SessionId: `00000000-0000-4000-8000-${String(n * 10 + i).padStart(12, "0")}`,
            ServiceName: service,
            NodeName: "node-1",
          },
        }),
      ),
    );
  }

  private put(pipeline: Pipeline, id: string): void {
    this.pipelines.set(id, { ...pipeline, id });
  }

  private addService(n: number): void {
    const known = ["billing", "signup", "orders", "support-mail"];
    const service = known[n] ?? `service-${n}`;
    const at = (direction: Names["direction"], operation: string, component: string) =>
      this.names.push({ service, direction, operation, component });
    at("consumer", "new-order", "kafka");
    at("consumer", "refund-requested", "kafka");
    at("producer", "charge-card", n % 3 === 0 ? "stripe" : "kafka");
    at("producer", "save-invoice", n % 2 === 0 ? "postgres" : "mongodb");
  }
}

/** An hour with a busy spell, a quiet one, and errors in between. */
function chartsOf(assigned: Assigned) {
  const points = Array.from({ length: 358 }, (_, i) => Math.max(0, 40 + 30 * Math.sin(i / 40) + 6 * Math.sin(i * 1.7)) * (i > 200 && i < 230 ? 0 : 1));
  const errors = points.map((value, i) => (i % 90 < 8 ? value / 20 : 0));
  return {
    endUnixMs: BigInt(Date.now() - 15_000),
    stepSeconds: 10,
    processed: points,
    bytes: points.map((value) => value * 412),
    errors,
    notifications: errors,
    pipelines: assigned.filter(({ paused }) => !paused).map(({ id }, n) => {
      const share = (values: readonly number[]) => values.map((value) => value / (n + 1));
      return { pipelineId: id, processed: share(points), errors: share(errors), notifications: share(errors) };
    }),
  };
}

function changed(list: Assigned, id: string, change: ChangeAssignmentRequest["change"]): Assigned {
  const at = list.findIndex((one) => one.id === id);
  if (change.case === "attach") return at < 0 ? list.toSpliced(change.value.place ?? list.length, 0, { id, paused: false }) : list;
  if (change.case === "detach") return at < 0 ? list : list.toSpliced(at, 1);
  if (at < 0) throw new ConnectError("pipeline is not attached to audience", Code.FailedPrecondition);
  if (change.case === "moveTo") return list.toSpliced(at, 1).toSpliced(change.value, 0, list[at]!);
  return list.with(at, { id, paused: change.value === true });
}
