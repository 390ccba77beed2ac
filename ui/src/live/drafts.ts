/** Texts that people have begun to change and not yet saved; they outlive a page, not the tab. */
export class Drafts {
  private readonly texts = new Map<string, Draft>();
  private readonly listeners = new Set<() => void>();
  private version = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Changes whenever any draft does. */
  readonly snapshot = (): number => this.version;

  get(id: string): Draft | undefined {
    return this.texts.get(id);
  }

  /** Keeps a text, with the saved text that it began from. */
  set(id: string, draft: Draft): void {
    this.texts.set(id, draft);
    this.changed();
  }

  drop(id: string): void {
    if (this.texts.delete(id)) this.changed();
  }

  get size(): number {
    return this.texts.size;
  }

  private changed(): void {
    this.version++;
    this.listeners.forEach((listener) => listener());
  }
}

export interface Draft {
  text: string;
  base: string;
}
