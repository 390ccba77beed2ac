import { Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";

import type { Pipeline } from "../../gen/protos/pipeline_pb";
import type { WasmModule } from "../../gen/protos/shared/shared_pb";
import { useConsole, usePicture } from "../../live/context";
import { succeeded } from "../../live/words";
import { Ago } from "../../parts/Ago";
import { Button } from "../../parts/Button";
import { Confirm } from "../../parts/Dialog";
import { Heading } from "../../parts/Heading";
import sheet from "../../parts/sheet.module.css";
import { bytes, count } from "../../parts/text";
import { useToasts } from "../../parts/toast";
import { useWork } from "../../parts/useWork";
import { changedAt, usersOf } from "./modules";
import { UploadForm } from "./UploadForm";

interface Props {
  module: WasmModule;
  size: number;
  again: () => Promise<void>;
}

/** One module: what is known of it, who uses it, new code for it. */
export function Module({ module, size, again }: Props) {
  const { role } = useConsole();
  const { model } = usePicture();
  const [deleting, setDeleting] = useState(false);
  const users = usersOf(module.id, model?.pipelines.values() ?? []);
  const mine = role === "admin" && !module.Bundled;
  const changed = changedAt(module);
  return (
    <section className={sheet.sheet} aria-label="Module">
      <header className={sheet.head}>
        <div className={sheet.names}>
          <Heading name={module.name} />
          <p className={sheet.meta}>{module.Bundled ? "Built by the server for steps of pipelines. There is nothing to do about it." : module.description}</p>
        </div>
        {mine && (
          <Button kind="danger" onClick={() => setDeleting(true)}>
            <Trash2 size={14} aria-hidden />
            Delete
          </Button>
        )}
      </header>
      <dl className={sheet.facts}>
        <Fact name="Id" value={<span className="mono">{module.id}</span>} />
        <Fact name="Size" value={bytes(size)} />
        <Fact name="Version" value={module.version} />
        <Fact name="Function" value={<span className="mono">{module.function}</span>} />
        <Fact name="File" value={module.Filename} />
        <Fact name="Changed" value={changed > 0 && <Ago at={changed} />} />
        <Fact name="Made by" value={module.CreatedBy} />
      </dl>
      <Users users={users} />
      {mine && <UploadForm key={String(changed)} replaces={module} again={again} />}
      {deleting && <Deletion module={module} users={users} again={again} onClose={() => setDeleting(false)} />}
    </section>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  if (!value) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}

function Users({ users }: { users: Pipeline[] }) {
  return (
    <div className={sheet.section}>
      <h3>{users.length > 0 ? `Used by ${count(users.length, "pipeline")}` : "Not used by any pipeline"}</h3>
      <ul className={sheet.rows}>
        {users.map(({ id, name }) => (
          <li key={id}>
            <Link href={`/pipelines/${encodeURIComponent(id)}`}>{name}</Link>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Deletion({ module, users, again, onClose }: { module: WasmModule; users: Pipeline[]; again: () => Promise<void>; onClose: () => void }) {
  const { client } = useConsole();
  const toasts = useToasts();
  const work = useWork();
  const [, navigate] = useLocation();
  const remove = () =>
    work.run(async () => {
      succeeded(await client.deleteWasm({ ids: [module.id] }));
      toasts.done(`Deleted ${module.name}`);
      navigate("/wasm");
      await again();
    });
  return (
    <Confirm
      title={`Delete ${module.name}?`}
      action={`Delete ${module.name}`}
      busy={work.busy}
      problem={work.problem}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <p>
        {users.length > 0
          ? `${count(users.length, "pipeline")} ${users.length === 1 ? "runs" : "run"} it, so the server will refuse. Take it out of their steps first.`
          : "No pipeline runs it."}
      </p>
    </Confirm>
  );
}
