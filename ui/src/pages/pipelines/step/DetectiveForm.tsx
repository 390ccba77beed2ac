import { type DetectiveStep, DetectiveType, DetectiveTypePIIKeywordMode as KeywordMode } from "../../../gen/protos/steps/detective_pb";
import { inputOf, needsPath, typeNames } from "./args";
import { useEditing } from "./editing";
import css from "./form.module.css";
import { Choose, Segments, TextInput, Tick } from "./inputs";
import { PathInput } from "./PathInput";
import { RegexTester } from "./RegexTester";
import { TextRows } from "./Rows";

interface Props {
  step: DetectiveStep;
  onChange: (step: DetectiveStep) => void;
}

/** Where a detective looks, for what, and whether the answer is turned around. */
export function DetectiveForm({ step, onChange }: Props) {
  const { problems } = useEditing();
  const must = needsPath(step.type);
  return (
    <>
      {step.type !== DetectiveType.PII_PLAINTEXT_ANY && (
        <PathInput
          label="Where"
          wire="path"
          value={step.path ?? ""}
          whole={!must}
          problem={problems.path}
          hint={must ? undefined : "Empty: everywhere in the payload."}
          onChange={(path) => onChange({ ...step, path: path === "" ? undefined : path })}
        />
      )}
      <Args step={step} onChange={onChange} />
      {step.type === DetectiveType.PII_KEYWORD && (
        <Segments
          label="Names"
          wire="pii_keyword_mode"
          value={step.piiKeywordMode === KeywordMode.DETECTIVE_TYPE_PII_KEYWORD_MODE_ACCURACY ? KeywordMode.DETECTIVE_TYPE_PII_KEYWORD_MODE_ACCURACY : KeywordMode.DETECTIVE_TYPE_PII_KEYWORD_MODE_PERFORMANCE}
          options={[
            [KeywordMode.DETECTIVE_TYPE_PII_KEYWORD_MODE_PERFORMANCE, "are a keyword"],
            [KeywordMode.DETECTIVE_TYPE_PII_KEYWORD_MODE_ACCURACY, "contain a keyword"],
          ]}
          hint="The first is faster, the second finds more."
          onChange={(piiKeywordMode) => onChange({ ...step, piiKeywordMode })}
        />
      )}
      <Tick
        label="Turn around: match what this does not describe"
        wire="negate"
        checked={step.negate ?? false}
        onChange={(negate) => onChange({ ...step, negate: negate || undefined })}
      />
    </>
  );
}

function Args({ step, onChange }: Props) {
  const { problems } = useEditing();
  const input = inputOf(step.type);
  const [first = "", second = ""] = step.args;
  const set = (...args: string[]) => onChange({ ...step, args });
  switch (input) {
    case "none":
      return null;
    case "texts":
      return <TextRows label="Texts" wire="args" one="text" values={step.args} problem={problems.args} onChange={(args) => set(...args)} />;
    case "type":
      return (
        <Choose
          label="Is"
          wire="args"
          value={first}
          problem={problems.args}
          options={[...(typeNames.some(([name]) => name === first) ? [] : [[first, first || "choose a type"] as const]), ...typeNames]}
          onChange={(type) => set(type)}
        />
      );
    case "pattern":
      return (
        <>
          <TextInput label="Pattern" wire="args" mono value={first} problem={problems.args} placeholder="^ord-\d{5}$" onChange={(text) => set(text)} />
          <RegexTester pattern={first} negate={step.negate ?? false} />
        </>
      );
    case "lengths":
    case "numbers": {
      const bytes = input === "lengths";
      return (
        <div className={css.pair}>
          <TextInput label="From" wire="args" inputMode={bytes ? "numeric" : "decimal"} value={first} problem={problems.args} onChange={(text) => set(text, second)} />
          <TextInput label="To" inputMode={bytes ? "numeric" : "decimal"} value={second} hint={bytes ? "Bytes of UTF-8, both included." : "Both included."} onChange={(text) => set(first, text)} />
        </div>
      );
    }
    case "length":
      return <TextInput label="Bytes" wire="args" inputMode="numeric" value={first} problem={problems.args} hint="Of UTF-8: é has two." onChange={(text) => set(text)} />;
    case "number":
      return <TextInput label="Number" wire="args" inputMode="decimal" value={first} problem={problems.args} onChange={(text) => set(text)} />;
    case "text":
      return <TextInput label="Text" wire="args" value={first} problem={problems.args} onChange={(text) => set(text)} />;
  }
}
