import { Download, Upload } from "lucide-react";
import { type DragEvent, type ReactNode, useState } from "react";

import type { Pipeline } from "../../../gen/protos/pipeline_pb";
import { useCanEdit, usePicture } from "../../../live/context";
import { Button, IconButton } from "../../../parts/Button";
import { save } from "../../../parts/save";
import { fileName, fileOf, fileOfAll } from "./exchange";
import { Import } from "./Import";
import css from "./import.module.css";

/** Buttons that take pipelines from files and give all of them as one. */
export function ExchangeButtons() {
  const { model } = usePicture();
  const canEdit = useCanEdit();
  const [importing, setImporting] = useState(false);
  const all = [...(model?.pipelines.values() ?? [])].map(({ pipeline }) => pipeline);
  return (
    <div className={css.files}>
      {canEdit && (
        <Button kind="quiet" disabled={!model} onClick={() => setImporting(true)}>
          <Upload size={14} aria-hidden />
          Import
        </Button>
      )}
      <Button kind="quiet" disabled={all.length === 0} onClick={() => save("pipelines.json", "application/json", [fileOfAll(all)])}>
        <Download size={14} aria-hidden />
        Export all
      </Button>
      {importing && <Import files={none} onClose={() => setImporting(false)} />}
    </div>
  );
}

const none: readonly File[] = [];

/** Gives a pipeline as a file. */
export function ExportButton({ pipeline }: { pipeline: Pipeline }) {
  return (
    <IconButton label="Export this pipeline" onClick={() => save(fileName(pipeline.name), "application/json", [fileOf(pipeline)])}>
      <Download size={16} />
    </IconButton>
  );
}

/** Where files of pipelines can be dropped. */
export function ImportArea({ children }: { children: ReactNode }) {
  const { model } = usePicture();
  const canEdit = useCanEdit();
  const [over, setOver] = useState(false);
  const [files, setFiles] = useState<readonly File[]>(none);
  const takes = (event: DragEvent) => canEdit && model !== undefined && event.dataTransfer.types.includes("Files");
  return (
    <div
      className={css.area}
      onDragOver={(event) => {
        if (!takes(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => event.currentTarget.contains(event.relatedTarget as Node | null) || setOver(false)}
      onDrop={(event) => {
        if (!takes(event)) return;
        event.preventDefault();
        setOver(false);
        setFiles([...event.dataTransfer.files]);
      }}
    >
      {children}
      {over && <p className={css.over}>Drop to see what it would change</p>}
      {files.length > 0 && <Import files={files} onClose={() => setFiles(none)} />}
    </div>
  );
}
