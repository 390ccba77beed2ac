import { Link } from "wouter";

import { Connect } from "../../parts/Connect";
import { Empty } from "../../parts/Empty";
import css from "./no-services.module.css";

/** What to do while no SDK has ever connected. */
export function NoServices() {
  return (
    <div className={css.scroll}>
      <Empty title="No services defined yet">
        <p>
          A service appears here a moment after its SDK connects, an operation with its first message. Nothing has to be
          created before.
        </p>
        <Connect />
        <p>
          The server printed its token when it started; <Link href="/settings">Settings</Link> tell where it is kept.
        </p>
      </Empty>
    </div>
  );
}
