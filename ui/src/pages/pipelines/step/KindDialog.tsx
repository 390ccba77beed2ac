import { type Ref, useMemo } from "react";

import { Dialog } from "../../../parts/Dialog";
import { useListbox } from "../../../parts/useListbox";
import { Example } from "./Example";
import css from "./kind-dialog.module.css";
import { type Kind, kinds } from "./kinds";

interface Props {
  title: string;
  plain: boolean;
  onPick: (kind: Kind) => void;
  onClose: () => void;
}

const offered = kinds.filter(({ retired }) => retired === undefined);
const plainFirst = "PII_PLAINTEXT_ANY";

/** All that a step can do, by group, with an example of the one in question. */
export function KindDialog({ title, plain, onPick, onClose }: Props) {
  const choices = useMemo(() => {
    const list = plain ? [...offered].sort((a, b) => Number(b.wire === plainFirst) - Number(a.wire === plainFirst)) : offered;
    return list.map((kind) => ({ id: kind.wire, label: kind.label, hint: `${kind.group} ${kind.wire}`, one: kind }));
  }, [plain]);
  const box = useListbox(choices, ({ one }) => onPick(one));
  // Results of a search are in the order of how well they fit, not by group.
  const groups = new Map<string, { choice: (typeof choices)[number]; index: number }[]>();
  box.found.forEach((choice, index) => {
    const group = box.query.trim() === "" ? choice.one.group : "Found";
    groups.set(group, [...(groups.get(group) ?? []), { choice, index }]);
  });
  const active = box.found.find(({ id }) => `${box.list.id}-${id}` === box.input["aria-activedescendant"]);
  return (
    <Dialog title={title} onClose={onClose} wide>
      <div className={css.body}>
        <div className={css.left}>
          <input {...box.input} className={css.input} aria-label="Find what it does" placeholder="Find: e-mail, mask, schema, …" data-autofocus />
          <div {...box.list} aria-label="Kinds of steps" className={css.list}>
            {[...groups].map(([group, entries]) => (
              <div key={group} role="group" aria-label={group}>
                <div className={css.group} aria-hidden="true">
                  {group}
                </div>
                {entries.map(({ choice, index }) => {
                  const { ref, ...row } = box.row(choice, index);
                  return (
                    <div key={choice.id} {...row} ref={ref as Ref<never>} className={css.row}>
                      <span className="truncate">{choice.label}</span>
                      <code>{choice.one.wire}</code>
                    </div>
                  );
                })}
              </div>
            ))}
            {box.found.length === 0 && <p className={css.none}>Nothing is called “{box.query}”.</p>}
          </div>
        </div>
        <div className={css.right}>{active && <Example wire={active.one.wire} />}</div>
      </div>
    </Dialog>
  );
}
