import { Download } from "lucide-react";

import { useConsole } from "../../live/context";
import { rest } from "../../live/rest";
import { Button } from "../../parts/Button";
import { Problem } from "../../parts/Field";
import { save } from "../../parts/save";
import sheet from "../../parts/sheet.module.css";
import { sentence } from "../../parts/text";
import { useWork } from "../../parts/useWork";
import css from "./settings.module.css";

/** Everything that people made, as one file to keep or to give to the Kubernetes operator. */
export function Copy() {
  const { role } = useConsole();
  const work = useWork();
  if (role !== "admin") return null;
  const download = () =>
    work.run(async () => {
      const answer = await rest("GET", "/api/v1/config");
      save("streamdal-configs.json", "application/json", [await answer.text()]);
    });
  return (
    <section className={css.section} aria-label="Copy of the rules">
      <h2>Copy of the rules</h2>
      <p className={sheet.note}>
        Pipelines, notifications and what is attached where, as one file: to keep, or to give to the Kubernetes operator. The secrets of
        notifications are in it in plain text.
      </p>
      <div>
        <Button disabled={work.busy} onClick={() => void download()}>
          <Download size={14} aria-hidden />
          Download
        </Button>
      </div>
      {work.problem !== undefined && <Problem>{sentence(work.problem)}</Problem>}
    </section>
  );
}
