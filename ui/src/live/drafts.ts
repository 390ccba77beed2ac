import type { Pipeline } from "../gen/protos/pipeline_pb";

/** A pipeline that somebody has begun to change and not yet saved. */
export interface Draft {
  /** As it would be saved. */
  readonly pipeline: Pipeline;
  /** One for each step, in order: names of steps that stay when steps move. */
  readonly keys: readonly string[];
  /** The saved pipeline that it began from; undefined for one that nobody has saved. */
  readonly base?: Pipeline | undefined;
  /** The JSON view's text while it cannot be read; then the pipeline is what could be read last. */
  readonly text?: string | undefined;
}

/** The id of the draft of a pipeline that has no id yet. */
export const newDraft = "new";

/** All drafts of this tab by the pipeline's id. They outlive pages and log-ins, not the tab. */
export class Drafts {
  private readonly drafts = new Map<string, Draft>();
  private readonly listeners = new Set<() => void>();
  private version = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Changes whenever any draft does. */
  readonly snapshot = (): number => this.version;

  get(id: string): Draft | undefined {
    return this.drafts.get(id);
  }

  set(id: string, draft: Draft): void {
    this.drafts.set(id, draft);
    this.changed();
  }

  drop(id: string): void {
    if (this.drafts.delete(id)) this.changed();
  }

  clear(): void {
    if (this.drafts.size === 0) return;
    this.drafts.clear();
    this.changed();
  }

  /** The pipelines' names, oldest draft first. */
  names(): string[] {
    return [...this.drafts.values()].map(({ pipeline }) => pipeline.name || "a pipeline without a name");
  }

  ids(): string[] {
    return [...this.drafts.keys()];
  }

  get size(): number {
    return this.drafts.size;
  }

  private changed(): void {
    this.version++;
    this.listeners.forEach((listener) => listener());
  }
}
