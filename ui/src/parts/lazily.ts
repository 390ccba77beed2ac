import { type ComponentType, createElement, lazy } from "react";

/** A part of the Console whose code comes when it is first shown. */
export function lazily<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  const ask = () =>
    lazy(() =>
      load().catch((error: unknown) => {
        throw new NotLoaded(error, () => (part = ask()));
      }),
    ) as unknown as ComponentType<P>;
  let part = ask();
  return function Part(props) {
    return createElement(part, props);
  };
}

/** That code did not come: the server is away, or it is another version than when the tab was opened. */
export class NotLoaded extends Error {
  /** Forget makes the next attempt ask for the code again, which React would not do by itself. */
  constructor(
    why: unknown,
    readonly forget: () => void,
  ) {
    super(why instanceof Error ? why.message : String(why));
  }
}
