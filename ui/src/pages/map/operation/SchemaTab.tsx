import type { Operation } from "../../../live/model";
import { Ago } from "../../../parts/Ago";
import { Bones } from "../../../parts/Bones";
import { Button } from "../../../parts/Button";
import { since, useSchema } from "../../../parts/schema";
import { SchemaActions } from "../../../parts/SchemaActions";
import { schemaViews } from "../../../parts/SchemaViews";
import { Switcher } from "../../../parts/Switcher";
import { useMapAddress } from "../useSelection";
import css from "./tab.module.css";

/** The shape of an operation's messages as SDKs inferred it, and how it grew. */
export default function SchemaTab({ operation }: { operation: Operation }) {
  const { get, set } = useMapAddress();
  const [asked, again] = useSchema(operation.key);
  if (asked.state === "asking") return <Bones />;
  if (asked.state === "failed") {
    return (
      <div className={css.tab}>
        <p className={css.none}>The schema cannot be shown: {asked.reason}</p>
        <Button onClick={() => void again()}>Try again</Button>
      </div>
    );
  }
  const newest = asked.value.at(-1);
  if (!newest) {
    return (
      <div className={css.tab}>
        <p className={css.none}>No schema yet. SDKs infer it from the messages they process.</p>
        <Button onClick={() => void again()}>Look again</Button>
      </div>
    );
  }
  const known = since(newest);
  return (
    <div className={css.tab}>
      <div className={css.bar}>
        <p className={css.note}>
          Schema version {newest.version}
          {known > 0 && (
            <>
              , new <Ago at={known} />
            </>
          )}
        </p>
        <Button kind="quiet" onClick={() => void again()}>
          Refresh
        </Button>
      </div>
      <SchemaActions operation={operation} schema={newest} />
      <Switcher label="Schema" views={schemaViews(asked.value)} current={get("schema")} onChange={(id) => set("schema", id)} />
    </div>
  );
}
