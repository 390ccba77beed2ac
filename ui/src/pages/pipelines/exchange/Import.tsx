import { FileJson2 } from "lucide-react";
import { type DragEvent, useEffect, useState } from "react";

import { words } from "../../../live/words";
import { Button } from "../../../parts/Button";
import { Dialog } from "../../../parts/Dialog";
import { Problem } from "../../../parts/Field";
import { entriesOf, type Entry, othersIn } from "./exchange";
import css from "./import.module.css";
import { ImportPreview } from "./ImportPreview";

interface Props {
  /** Files that were dropped on the page; without any, it asks for some. */
  files: readonly File[];
  onClose: () => void;
}

/** Takes pipelines from files, and saves those that are chosen. */
export function Import({ files, onClose }: Props) {
  const [content, setContent] = useState<Content>();
  const [problem, setProblem] = useState<string>();
  const take = (chosen: readonly File[]) => {
    setProblem(undefined);
    read(chosen).then(setContent, (error: unknown) => setProblem(words(error)));
  };
  useEffect(() => {
    if (files.length > 0) take(files);
  }, [files]);
  if (content) return <ImportPreview {...content} onClose={onClose} />;
  return (
    <Dialog title="Import pipelines" onClose={onClose} footer={<Button onClick={onClose}>Cancel</Button>}>
      <FileDrop onFiles={take} />
      {problem !== undefined && <Problem>{problem}</Problem>}
    </Dialog>
  );
}

function FileDrop({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const [over, setOver] = useState(false);
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFiles([...event.dataTransfer.files]);
  };
  return (
    <label
      className={css.drop}
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <FileJson2 size={28} aria-hidden />
      <span>
        <strong>Choose files</strong> or drop them here
      </span>
      <small>One pipeline, a list of them, or a whole configuration, as JSON. Nothing is saved before you have seen what it would change.</small>
      <input type="file" accept=".json,application/json" multiple onChange={(event) => onFiles([...(event.target.files ?? [])])} />
    </label>
  );
}

// More than a server's whole configuration has.
const largest = 20 << 20;

interface Content {
  entries: readonly Entry[];
  /** What else is in the files. */
  others: readonly string[];
}

async function read(files: readonly File[]): Promise<Content> {
  const entries: Entry[] = [];
  const others: string[] = [];
  for (const file of files) {
    try {
      if (file.size > largest) throw new Error("It is too large to be a list of pipelines.");
      const text = await file.text();
      entries.push(...entriesOf(text));
      others.push(...othersIn(text));
    } catch (error) {
      throw new Error(`${file.name}: ${(error as Error).message}`);
    }
  }
  if (entries.length === 0) throw new Error("That was no file.");
  return { entries, others };
}
