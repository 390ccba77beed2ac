import css from "./heading.module.css";
import { useTitle } from "./useTitle";

/** The name of what is looked at, also in the browser's tab. A long one is cut, and whole on hover. */
export function Heading({ name }: { name: string }) {
  useTitle(name);
  return (
    <h2 className={`${css.heading} clamp`} title={name} dir="auto">
      {name}
    </h2>
  );
}
