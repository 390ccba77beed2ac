import { Plus } from "lucide-react";
import { useState } from "react";
import { useSearchParams } from "wouter";

import { useCanEdit } from "../../live/context";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { Problem } from "../../parts/Field";
import { SearchBox } from "../../parts/SearchBox";
import sheet from "../../parts/sheet.module.css";
import { bytes, count, sentence } from "../../parts/text";
import { useAsk } from "../../parts/useAsk";
import { DeleteAll } from "./DeleteAll";
import { ItemDialog } from "./ItemDialog";
import { ItemTable } from "./ItemTable";
import { usage } from "./store";
import { useItems } from "./useItems";

/** The key-value objects that steps look up on every SDK. */
export default function KvPage() {
  const [params, setParams] = useSearchParams();
  const query = params.get("q") ?? "";
  const items = useItems(query);
  const [sum, sumAgain] = useAsk("", usage);
  const [clearing, setClearing] = useState(false);
  const canEdit = useCanEdit();
  const chosen = params.get("key");
  const set = (name: string, value: string | undefined, replace = false) =>
    setParams(
      (now) => {
        const next = new URLSearchParams(now);
        if (value === undefined) next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace },
    );
  const close = () => set(params.has("new") ? "new" : "key", undefined);
  const changed = async () => {
    await Promise.all([items.reload(), sumAgain()]);
  };
  return (
    <div className={sheet.scroll}>
      <div className={sheet.tools}>
        <SearchBox label="Find a key" value={query} onChange={(value) => set("q", value || undefined, true)} />
        <span className="muted" data-testid="usage">
          {sum.state === "known" ? `${count(sum.value.items, "object")}, ${bytes(sum.value.bytes)}` : " "}
        </span>
        {canEdit && sum.state === "known" && sum.value.items > 0 && (
          <Button kind="danger" onClick={() => setClearing(true)}>
            Delete all
          </Button>
        )}
        {canEdit && (
          <Button kind="primary" onClick={() => set("new", "")}>
            <Plus size={15} aria-hidden />
            New
          </Button>
        )}
      </div>
      {items.problem !== undefined && (
        <div className={sheet.tools}>
          <Problem>{sentence(items.problem)}</Problem>
          <Button onClick={() => void changed()}>Try again</Button>
        </div>
      )}
      {items.items?.length === 0 && query === "" ? (
        <Empty title="No key-value objects yet">
          <p>
            Key-value steps look keys up in the memory of every SDK: put allow lists or customer settings here and change
            them without a new pipeline. Every change reaches connected SDKs at once.
          </p>
        </Empty>
      ) : (
        <ItemTable items={items.items} onChoose={(key) => set("key", key)} />
      )}
      {items.items?.length === 0 && query !== "" && <p className={sheet.tools}>No key contains “{query}”.</p>}
      {items.more && (
        <div className={sheet.tools}>
          <Button disabled={items.busy} onClick={() => void items.next()}>
            Show more
          </Button>
        </div>
      )}
      {canEdit && params.has("new") && <ItemDialog keyName={undefined} onClose={close} onChanged={changed} />}
      {chosen !== null && <ItemDialog key={chosen} keyName={chosen} onClose={close} onChanged={changed} />}
      {clearing && sum.state === "known" && <DeleteAll items={sum.value.items} onClose={() => setClearing(false)} onChanged={changed} />}
    </div>
  );
}
