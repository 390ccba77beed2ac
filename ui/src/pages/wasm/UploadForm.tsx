import { createClient } from "@connectrpc/connect";
import { FileUp } from "lucide-react";
import { type DragEvent, type FormEvent, useState } from "react";
import { useLocation } from "wouter";

import { External } from "../../gen/protos/external_pb";
import type { WasmModule } from "../../gen/protos/shared/shared_pb";
import { uploadTransport } from "../../live/upload";
import { succeeded } from "../../live/words";
import { Button } from "../../parts/Button";
import { Field, Problem } from "../../parts/Field";
import sheet from "../../parts/sheet.module.css";
import { bytes, sentence } from "../../parts/text";
import { useToasts } from "../../parts/toast";
import { useWork } from "../../parts/useWork";
import { nameOf, notModule } from "./modules";
import css from "./wasm.module.css";

interface Props {
  /** The module that gets new code; undefined to upload a new one. */
  replaces: WasmModule | undefined;
  again: () => Promise<void>;
}

interface Chosen {
  name: string;
  bytes: Uint8Array;
}

/** A form to upload a module, or new code for one. */
export function UploadForm({ replaces, again }: Props) {
  const toasts = useToasts();
  const work = useWork();
  const [, navigate] = useLocation();
  const [file, setFile] = useState<Chosen>();
  const [about, setAbout] = useState(() => ({
    name: replaces?.name ?? "",
    function: replaces?.function ?? "",
    version: replaces?.version ?? "",
    description: replaces?.description ?? "",
  }));
  const [sent, setSent] = useState(0);
  const wrong = file && notModule(file.bytes);

  const choose = async (chosen: File | undefined) => {
    if (!chosen) return;
    work.clear();
    setFile({ name: chosen.name, bytes: new Uint8Array(await chosen.arrayBuffer()) });
    const untouched = about.name === "" || (!replaces && file && about.name === nameOf(file.name));
    if (untouched) setAbout((now) => ({ ...now, name: nameOf(chosen.name) }));
  };
  const upload = async () => {
    if (!file) return;
    setSent(0);
    const client = createClient(External, uploadTransport(setSent));
    const wasm = { ...about, id: replaces?.id ?? "", bytes: file.bytes, Filename: file.name, url: replaces?.url };
    if (replaces) succeeded(await client.updateWasm({ wasm: clean(wasm) }));
    const id = replaces?.id ?? (await client.createWasm({ wasm: clean(wasm) })).id;
    await again();
    toasts.done(replaces ? `Replaced the code of ${about.name}` : `Uploaded ${about.name}`);
    setFile(undefined);
    navigate(`/wasm/${encodeURIComponent(id)}`, { replace: true });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void work.run(upload);
  };
  const set = (change: Partial<typeof about>) => setAbout((now) => ({ ...now, ...change }));

  return (
    <section className={replaces ? sheet.section : sheet.sheet} aria-label={replaces ? "New code" : "Upload a module"}>
      {replaces ? <h3>Replace its code</h3> : <h2>Upload a module</h2>}
      <form className={sheet.form} onSubmit={submit}>
        <DropZone file={file} onFile={(chosen) => void choose(chosen)} />
        {wrong !== undefined && <Problem>{wrong}</Problem>}
        <Field label="Name" required pattern="[A-Za-z0-9_\-]+" hint="Letters, digits, _ and -." value={about.name} onChange={(name) => set({ name })} />
        <div className={sheet.pair}>
          <Field label="Function" placeholder="f" hint="The exported function that the step calls." value={about.function} onChange={(name) => set({ function: name })} />
          <Field label="Version" value={about.version} onChange={(version) => set({ version })} />
        </div>
        <Field label="Description" value={about.description} onChange={(description) => set({ description })} />
        {work.busy && (
          <progress className={css.progress} aria-label="Sent" max={1} value={sent}>
            {Math.round(sent * 100)} %
          </progress>
        )}
        {work.problem !== undefined && <Problem>{sentence(work.problem)}</Problem>}
        <div className={sheet.buttons}>
          <Button kind="primary" type="submit" disabled={work.busy || !file || wrong !== undefined}>
            {work.busy ? (sent < 1 ? "Uploading…" : "The server tries it…") : replaces ? "Replace" : "Upload"}
          </Button>
        </div>
      </form>
    </section>
  );
}

/** The request without texts that were left empty. */
function clean<T extends { version: string; description: string; url: string | undefined }>({ version, description, url, ...rest }: T) {
  return { ...rest, ...(version && { version }), ...(description && { description }), ...(url && { url }) };
}

function DropZone({ file, onFile }: { file: Chosen | undefined; onFile: (file: File | undefined) => void }) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFile(event.dataTransfer.files[0]);
  };
  const hover = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <label className={css.drop} data-over={over} onDragOver={hover} onDragLeave={() => setOver(false)} onDrop={drop}>
      <FileUp size={20} aria-hidden />
      <span>{file ? `${file.name}, ${bytes(file.bytes.length)}` : "Drop a .wasm file here, or choose one"}</span>
      <input type="file" accept=".wasm,application/wasm" aria-label="Module" onChange={(event) => onFile(event.target.files?.[0])} />
    </label>
  );
}
