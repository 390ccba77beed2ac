import { Upload } from "lucide-react";
import { useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";

import type { WasmModule } from "../../gen/protos/shared/shared_pb";
import { useConsole, usePicture } from "../../live/context";
import { rest } from "../../live/rest";
import { Button } from "../../parts/Button";
import { Empty } from "../../parts/Empty";
import { Master, MasterBones, MasterRow } from "../../parts/Master";
import { search } from "../../parts/search";
import { SearchBox } from "../../parts/SearchBox";
import { bytes, count } from "../../parts/text";
import { type Asked, useAsk } from "../../parts/useAsk";
import { useChosen } from "../../parts/useChosen";
import { useComeBack } from "../../parts/useComeBack";
import { Module } from "./Module";
import { usersOf } from "./modules";
import { UploadForm } from "./UploadForm";

export interface Known {
  modules: WasmModule[];
  /** In bytes, by id. */
  sizes: Record<string, number>;
}

/** Modules for custom steps, and calmly apart those that the server built itself. */
export default function WasmPage() {
  const { client, role } = useConsole();
  const [asked, again] = useAsk<Known>("", async (signal) => {
    const [{ wasm }, sizes] = await Promise.all([
      client.getAllWasm({}, { signal }),
      rest("GET", "/api/v1/wasm-sizes", undefined, signal),
    ]);
    return { modules: wasm, sizes: ((await sizes.json()) as { bytes: Record<string, number> }).bytes };
  });
  useComeBack(again);
  const [params] = useSearchParams();
  const [query, setQuery] = useState("");
  const [, navigate] = useLocation();
  const chosen = useChosen("id");
  const making = params.has("new");
  return (
    <Master
      title="All modules"
      href="/wasm"
      open={chosen !== undefined || making}
      tools={
        <>
          <SearchBox label="Find a module" value={query} onChange={setQuery} />
          {role === "admin" && (
            <Button kind="primary" onClick={() => navigate("/wasm?new")}>
              <Upload size={15} aria-hidden />
              Upload
            </Button>
          )}
        </>
      }
      list={<List asked={asked} query={query} chosen={chosen} />}
    >
      <Main asked={asked} chosen={chosen} making={making} again={again} />
    </Master>
  );
}

function List({ asked, query, chosen }: { asked: Asked<Known>; query: string; chosen: string | undefined }) {
  const { model } = usePicture();
  if (asked.state === "asking") return <ul>{MasterBones()}</ul>;
  if (asked.state === "failed") return null;
  const { modules, sizes } = asked.value;
  const found = search(modules, query, ({ name, id, description }) => `${name} ${id} ${description ?? ""}`);
  const row = (module: WasmModule) => {
    const uses = usersOf(module.id, model?.pipelines.values() ?? []).length;
    return (
      <MasterRow
        key={module.id}
        href={`/wasm/${encodeURIComponent(module.id)}`}
        current={module.id === chosen}
        name={module.name}
        end={uses > 0 ? count(uses, "pipeline") : "not used"}
        line={[bytes(sizes[module.id] ?? 0), module.version && `version ${module.version}`, module.description].filter(Boolean).join(" · ")}
      />
    );
  };
  const uploaded = found.filter(({ Bundled }) => !Bundled);
  const built = found.filter(({ Bundled }) => Bundled);
  return (
    <>
      <h2>Uploaded</h2>
      {uploaded.length === 0 && <p>{query === "" ? "None yet." : "None matches."}</p>}
      <ul>{uploaded.map(row)}</ul>
      {built.length > 0 && (
        <details>
          <summary>
            <h2>Built by the server ({built.length})</h2>
          </summary>
          <ul>{built.map(row)}</ul>
        </details>
      )}
    </>
  );
}

interface MainProps {
  asked: Asked<Known>;
  chosen: string | undefined;
  making: boolean;
  again: () => Promise<void>;
}

function Main({ asked, chosen, making, again }: MainProps) {
  const { role } = useConsole();
  if (asked.state === "asking") return null;
  if (asked.state === "failed") {
    return (
      <Empty title="The modules cannot be shown">
        <p>{asked.reason}</p>
        <Button onClick={() => void again()}>Try again</Button>
      </Empty>
    );
  }
  if (making && role === "admin") return <UploadForm replaces={undefined} again={again} />;
  const { modules, sizes } = asked.value;
  const module = modules.find(({ id }) => id === chosen);
  if (module) return <Module key={chosen} module={module} size={sizes[module.id] ?? 0} again={again} />;
  if (chosen !== undefined) {
    return (
      <Empty title="This module does not exist">
        <p>
          The server knows none with the id <code>{chosen}</code>. It may have been deleted.
        </p>
      </Empty>
    );
  }
  return (
    <Empty title="Custom WebAssembly">
      <p>
        A custom step runs a module that you upload. SDKs run it inside your programs, so only administrators may upload
        one, and the server tries it before it takes it.
      </p>
      {role === "admin" && <Link href="/wasm?new">Upload a module</Link>}
    </Empty>
  );
}
