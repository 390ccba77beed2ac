import { Maximize2 } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";

import type { Operation } from "../../../live/model";
import { tailUrl, usualWish } from "../../../parts/tail/address";
import { TailView } from "../../../parts/tail/TailView";
import css from "./tail-tab.module.css";

/** The messages of an operation while they happen, beside the map. */
export default function TailTab({ operation }: { operation: Operation }) {
  const [wish, setWish] = useState(usualWish);
  return (
    <div className={css.tab}>
      <TailView operation={operation} wish={wish} onWish={setWish} />
      <Link href={tailUrl(operation.key, wish)} className={css.wide}>
        <Maximize2 size={13} aria-hidden /> On the whole page
      </Link>
    </div>
  );
}
