// Where people have put things and what they look at, kept in the browser: positions by name and nothing else.
import { Cell } from "../../live/cell";
import type { Pins, Point } from "./pins";
import type { Viewport } from "./viewport";

const key = "streamdal-map";

interface Kept {
  pins?: Record<string, unknown>;
  view?: unknown;
  locked?: unknown;
}

export class Places {
  readonly pins: Cell<Pins>;
  /** Whether nothing can be dragged. */
  readonly locked: Cell<boolean>;
  private seen: Viewport | undefined;

  constructor(private readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem">) {
    const kept = read(storage);
    this.pins = new Cell(new Map(Object.entries(kept.pins ?? {}).filter((one): one is [string, Point] => isPoint(one[1]))));
    this.locked = new Cell(kept.locked === true);
    this.seen = isViewport(kept.view) ? kept.view : undefined;
  }

  /** What was last looked at, if people chose that themselves. */
  get view(): Viewport | undefined {
    return this.seen;
  }

  look(view: Viewport | undefined): void {
    this.seen = view;
    this.keep();
  }

  pin(block: string, { x, y }: Point): void {
    this.pins.set(new Map(this.pins.snapshot()).set(block, { x: Math.round(x), y: Math.round(y) }));
    this.keep();
  }

  /** Replaces all pins; none at all is a tidy map. */
  replace(pins: Pins): void {
    this.pins.set(pins);
    this.keep();
  }

  lock(locked: boolean): void {
    this.locked.set(locked);
    this.keep();
  }

  private keep(): void {
    const pins = this.pins.snapshot();
    const kept: Kept = {
      ...(pins.size > 0 && { pins: Object.fromEntries(pins) }),
      ...(this.seen && { view: this.seen }),
      ...(this.locked.snapshot() && { locked: true }),
    };
    try {
      if (Object.keys(kept).length === 0) this.storage.removeItem(key);
      else this.storage.setItem(key, JSON.stringify(kept));
    } catch {
      // A browser that keeps nothing, or whose room is used up: what was put somewhere stays there in this tab.
    }
  }
}

function read(storage: Pick<Storage, "getItem">): Kept {
  try {
    const kept: unknown = JSON.parse(storage.getItem(key) ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {};
  }
}

function isPoint(value: unknown): value is Point {
  const { x, y } = (value ?? {}) as Partial<Point>;
  return Number.isFinite(x) && Number.isFinite(y);
}

function isViewport(value: unknown): value is Viewport {
  const { zoom } = (value ?? {}) as Partial<Viewport>;
  return isPoint(value) && Number.isFinite(zoom) && zoom! > 0;
}
