import { ArrowLeft, Map as MapIcon } from "lucide-react";
import { Link, useSearchParams } from "wouter";

import { usePicture } from "../../live/context";
import type { Operation } from "../../live/model";
import type { Wish } from "../../live/tail/tail";
import { DirectionMark } from "../../parts/Direction";
import { Empty } from "../../parts/Empty";
import { selectionUrl } from "../../parts/selection";
import { tailQuery, wishOf } from "../../parts/tail/address";
import { TailView } from "../../parts/tail/TailView";
import { useChosen } from "../../parts/useChosen";
import { useTitle } from "../../parts/useTitle";
import { Chooser } from "./Chooser";
import css from "./tail-page.module.css";

/** The messages of one operation while they happen. */
export default function TailPage() {
  const { model } = usePicture();
  const chosen = useChosen("key")?.toLowerCase();
  if (!model) return <div className={css.page} />;
  if (chosen === undefined) return <Chooser model={model} />;
  const operation = model.operations.get(chosen);
  if (operation) return <OneTail operation={operation} />;
  return (
    <Empty title="This operation does not exist">
      <p>
        The server knows none with the key <code>{chosen}</code>. It may have been deleted.
      </p>
      <p>
        <Link href="/tail">Choose another</Link>
      </p>
    </Empty>
  );
}

function OneTail({ operation }: { operation: Operation }) {
  const [params, setParams] = useSearchParams();
  const onWish = (wish: Wish) => setParams(tailQuery(wish), { replace: true });
  const { key, direction, service, component, operation: name } = operation;
  useTitle(name);
  return (
    <div className={css.page}>
      <header className={css.head}>
        <Link href="/tail" className={css.back} aria-label="Choose another operation" title="Choose another operation">
          <ArrowLeft size={16} aria-hidden />
        </Link>
        <DirectionMark direction={direction} size={16} />
        <h2 className="truncate" title={name}>{name}</h2>
        <span className="muted truncate">
          {service} {direction === "consumer" ? "consumes from" : "produces to"} {component}
        </span>
        <Link href={selectionUrl({ kind: "op", id: key })} className={css.onMap}>
          <MapIcon size={14} aria-hidden /> On the map
        </Link>
      </header>
      <TailView operation={operation} wish={wishOf(params)} onWish={onWish} />
    </div>
  );
}
