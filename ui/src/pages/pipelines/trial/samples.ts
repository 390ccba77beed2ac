import { useSyncExternalStore } from "react";

import { PipelineDataFormat } from "../../../gen/protos/pipeline_pb";
import type { Actions } from "../../../live/actions";
import { useConsole } from "../../../live/context";

/** A payload to try a pipeline on. */
export interface Sample {
  text: string;
  /** Where it is from: "own", "example", or "schema" or "live" with an operation's key behind a space. */
  source: string;
}

/** The samples last used, by pipeline. They may be live messages, so they are kept in memory and end with the log-in. */
class Samples {
  private readonly samples = new Map<string, Sample>();
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get(pipelineId: string): Sample | undefined {
    return this.samples.get(pipelineId);
  }

  set(pipelineId: string, sample: Sample): void {
    this.samples.set(pipelineId, sample);
    this.listeners.forEach((listener) => listener());
  }
}

const ofLogin = new WeakMap<Actions, Samples>();

/** The samples of this log-in. */
export function useSamples(): Samples {
  const { actions } = useConsole();
  let samples = ofLogin.get(actions);
  if (!samples) ofLogin.set(actions, (samples = new Samples()));
  return samples;
}

/** The sample last used for a pipeline, and a way to use another; "" stands for a pipeline that nobody has saved. */
export function useSample(pipelineId: string): [Sample | undefined, (sample: Sample) => void] {
  const samples = useSamples();
  const sample = useSyncExternalStore(samples.subscribe, () => samples.get(pipelineId));
  return [sample, (next) => samples.set(pipelineId, next)];
}

/** What there is to try when no schema is known. */
export function example(format: PipelineDataFormat): Sample {
  return { source: "example", text: format === PipelineDataFormat.PLAINTEXT ? line : JSON.stringify(order, null, 2) };
}

const order = {
  id: "A-1042",
  customer: { name: "Mina Patel", email: "mina.patel@example.com", phone: "+1 202 555 0143" },
  card: "4111 1111 1111 1111",
  amount: 42.5,
  lines: [{ sku: "B-7", qty: 2 }],
};

const line = 'level=info msg="signed in" user=mina.patel@example.com ip=192.0.2.17';
