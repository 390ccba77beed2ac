import { Link } from "wouter";

import { Empty } from "../parts/Empty";

export function NotFound() {
  return (
    <Empty title="There is no page at this address">
      <p>
        It may have been renamed or mistyped. <Link href="/">Go to the map</Link>
      </p>
    </Empty>
  );
}
