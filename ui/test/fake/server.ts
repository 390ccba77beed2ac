// A server in memory with as many services as asked for: for tests and for work on looks without Go.
import { create, fromJson } from "@bufbuild/protobuf";
import { Code, ConnectError, createRouterTransport, type Transport } from "@connectrpc/connect";

import { ResponseCode, StandardResponseSchema } from "../../src/gen/protos/common_pb";
import { External, GetAllResponseSchema } from "../../src/gen/protos/external_pb";
import { LiveInfoSchema, PipelineInfoSchema } from "../../src/gen/protos/info_pb";
import { type Pipeline, PipelineConfigSchema, PipelineConfigsSchema, PipelineSchema } from "../../src/gen/protos/pipeline_pb";
import { audienceOf, keyOf, type Names, namesOf } from "../../src/live/audience";
import type { SessionApi } from "../../src/live/session";
import { templates } from "../../src/pages/pipelines/templates";

type Assigned = { id: string; paused: boolean }[];

export class FakeServer {
  readonly pipelines = new Map<string, Pipeline>();
  readonly assignments = new Map<string, Assigned>();
  readonly names: Names[] = [];
  /** Words with which the next change is refused. */
  refusal: string | undefined;
  private readonly watchers = new Set<() => void>();

  constructor(services: number) {
    for (let n = 0; n < services; n++) this.addService(n);
    templates.slice(0, 2).forEach(({ text }, n) => this.put(fromJson(PipelineSchema, JSON.parse(text)), `pipeline-${n}`));
    for (const key of this.names.slice(0, 3).map(keyOf)) this.assignments.set(key, [{ id: "pipeline-0", paused: false }]);
  }

  /** Ends all streams, as a server does that goes down. */
  hangUp(): void {
    this.ended = true;
    this.changed();
  }

  private ended = false;

  readonly session: SessionApi = {
    read: () => Promise.resolve({ role: "admin" }),
    login: () => Promise.resolve({ role: "admin" }),
    logout: () => Promise.resolve(),
  };

  transport(): Transport {
    return createRouterTransport(({ service }) => {
      service(External, {
        getAllStream: (_, { signal }) => this.stream(signal),
        createPipeline: ({ pipelineJson }) => {
          const id = `pipeline-${this.pipelines.size}`;
          this.put(parse(pipelineJson), id);
          this.changed();
          return { message: "Pipeline created successfully", pipelineId: id };
        },
        updatePipeline: ({ pipelineJson }) => {
          const pipeline = parse(pipelineJson);
          return this.change(() => this.put(pipeline, pipeline.id));
        },
        deletePipeline: ({ pipelineId }) =>
          this.change(() => {
            this.pipelines.delete(pipelineId);
            for (const [key, list] of this.assignments) this.assignments.set(key, list.filter(({ id }) => id !== pipelineId));
          }),
        setPipelines: ({ audience, pipelineIds }) =>
          this.change(() => {
            const key = keyOf(namesOf(audience!));
            const paused = new Set(this.assignments.get(key)?.filter((one) => one.paused).map(({ id }) => id));
            this.assignments.set(key, pipelineIds.map((id) => ({ id, paused: paused.has(id) })));
          }),
        pausePipeline: ({ audience, pipelineId }) => this.pause(keyOf(namesOf(audience!)), pipelineId, true),
        resumePipeline: ({ audience, pipelineId }) => this.pause(keyOf(namesOf(audience!)), pipelineId, false),
      });
    });
  }

  changed(): void {
    this.watchers.forEach((wake) => wake());
  }

  private change(work: () => void) {
    if (this.refusal !== undefined) {
      const message = this.refusal;
      this.refusal = undefined;
      return create(StandardResponseSchema, { code: ResponseCode.BAD_REQUEST, message });
    }
    work();
    this.changed();
    return create(StandardResponseSchema, { code: ResponseCode.OK });
  }

  private pause(key: string, id: string, paused: boolean) {
    return this.change(() => {
      const list = this.assignments.get(key) ?? [];
      this.assignments.set(key, list.map((one) => (one.id === id ? { id, paused } : one)));
    });
  }

  private async *stream(signal: AbortSignal) {
    this.ended = false;
    while (!signal.aborted) {
      yield this.all();
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.watchers.delete(wake);
          resolve();
        };
        this.watchers.add(wake);
        signal.addEventListener("abort", wake);
      });
      if (this.ended) throw new ConnectError("server shutting down", Code.Unavailable);
    }
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

function parse(json: Uint8Array | undefined): Pipeline {
  try {
    return fromJson(PipelineSchema, JSON.parse(new TextDecoder().decode(json)));
  } catch (error) {
    throw new ConnectError((error as Error).message, Code.InvalidArgument);
  }
}
