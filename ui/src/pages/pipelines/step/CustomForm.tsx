import { Link } from "wouter";

import type { CustomStep } from "../../../gen/protos/steps/custom_pb";
import { useConsole } from "../../../live/context";
import { useAsk } from "../../../parts/useAsk";
import { useEditing } from "./editing";
import css from "./form.module.css";
import { Choose } from "./inputs";
import { PairRows } from "./Rows";

interface Props {
  step: CustomStep;
  module: string;
  onChange: (step: CustomStep) => void;
  onModule: (id: string) => void;
}

/** Which uploaded module runs, with which arguments. */
export function CustomForm({ step, module, onChange, onModule }: Props) {
  const { client } = useConsole();
  const { problems } = useEditing();
  const [asked] = useAsk("modules", async (signal) => {
    const { wasm } = await client.getAllWasm({}, { signal });
    return wasm.filter(({ Bundled }) => !Bundled).sort((a, b) => a.name.localeCompare(b.name));
  });
  const modules = asked.state === "known" ? asked.value : [];
  const chosen = modules.find(({ id }) => id === module);
  const options = modules.map(({ id, name }) => [id, name] as const);
  const unknown = asked.state === "known" ? `unknown module ${module}` : module;
  return (
    <>
      <Choose
        label="Module"
        wire="_wasm_id"
        value={module}
        problem={asked.state === "failed" ? asked.reason : problems.module}
        options={chosen ? options : [[module, module === "" ? "choose a module" : unknown], ...options]}
        hint={chosen && `Its function ${chosen.function} is called.${chosen.description ? ` ${chosen.description}` : ""}`}
        onChange={onModule}
      />
      {asked.state === "known" && modules.length === 0 && (
        <p className={css.hint}>
          No module has been uploaded yet. <Link href="/wasm?new">Upload one</Link>; what you have written here stays.
        </p>
      )}
      <PairRows label="Arguments" wire="args" one="argument" map={step.args} onChange={(args) => onChange({ ...step, args })} />
    </>
  );
}
