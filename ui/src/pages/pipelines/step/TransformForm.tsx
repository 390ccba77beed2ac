import { type TransformStep, TransformTruncateType as TruncateType } from "../../../gen/protos/steps/transform_pb";
import { useEditing } from "./editing";
import css from "./form.module.css";
import { Segments, TextInput, Tick } from "./inputs";
import { PathInput } from "./PathInput";
import { TextRows } from "./Rows";
import { isPlural, optionsOf, pathsOf, withPaths } from "./transform";

interface Props {
  step: TransformStep;
  dynamic: boolean;
  onChange: (step: TransformStep) => void;
  onDynamic: (dynamic: boolean) => void;
}

/** What a transform changes, and into what. */
export function TransformForm({ step, dynamic, onChange, onDynamic }: Props) {
  const { previous, plain } = useEditing();
  const fed = previous?.step.case === "detective";
  return (
    <>
      {(fed || dynamic) && (
        <Tick
          label={fed ? "Change what the step before found" : "Change what a step before found"}
          wire="dynamic"
          checked={dynamic}
          hint={fed ? undefined : "The step before is no detective, so there is nothing found to change."}
          onChange={onDynamic}
        />
      )}
      {!dynamic && <Paths step={step} onChange={onChange} />}
      {plain && !dynamic && <p className={css.hint}>Plain text is changed where a detective before found something: put one there and tick “Change what the step before found”.</p>}
      <Options step={step} onChange={onChange} />
    </>
  );
}

type OptionProps = Pick<Props, "step" | "onChange">;

function Paths({ step, onChange }: OptionProps) {
  const { problems } = useEditing();
  const paths = pathsOf(step);
  if (!isPlural(step.type)) {
    return (
      <PathInput label="What" wire="path" value={paths[0] ?? ""} problem={problems.path} onChange={(path) => onChange(withPaths(step, [path]))} />
    );
  }
  return (
    <TextRows
      label="What"
      wire="paths"
      one="path"
      values={paths}
      problem={problems.path}
      onChange={(next) => onChange(withPaths(step, next))}
      field={({ label, value, onChange: change }) => <PathInput label={label} value={value} onChange={change} />}
    />
  );
}

function Options({ step, onChange }: OptionProps) {
  const { problems, plain } = useEditing();
  const options = optionsOf(step);
  switch (options?.case) {
    case "maskOptions":
      return (
        <TextInput
          label="With"
          wire="mask"
          mono
          value={options.value.mask}
          placeholder="*"
          hint={`One character, repeated over four fifths of the text, ${plain ? "from its start" : "up to its end"}.`}
          onChange={(mask) => onChange({ ...step, options: { ...options, value: { ...options.value, mask } } })}
        />
      );
    case "replaceValueOptions": {
      const set = (value: string) => onChange({ ...step, options: { ...options, value: { ...options.value, value } } });
      const { value } = options.value;
      return (
        <>
          <TextInput label="With" wire="value" mono value={value} problem={problems.value} placeholder='"removed"' hint={plain ? undefined : "A JSON value; a text stands in quotes."} onChange={set} />
          {problems.value !== undefined && value.trim() !== "" && (
            <button type="button" className={css.add} onClick={() => set(JSON.stringify(value))}>
              Put it in quotes
            </button>
          )}
        </>
      );
    }
    case "truncateOptions": {
      const set = (change: Partial<typeof options.value>) => onChange({ ...step, options: { ...options, value: { ...options.value, ...change } } });
      const percent = options.value.type === TruncateType.PERCENTAGE;
      return (
        <div className={css.pair}>
          <Amount value={options.value.value} percent={percent} plain={plain} problem={problems.amount} onChange={(value) => set({ value })} />
          <Segments
            label="Measured in"
            wire="type"
            value={percent ? TruncateType.PERCENTAGE : TruncateType.LENGTH}
            options={[
              [TruncateType.LENGTH, "bytes"],
              [TruncateType.PERCENTAGE, "percent"],
            ]}
            onChange={(type) => set({ type })}
          />
        </div>
      );
    }
    case "extractOptions":
      return (
        <Tick
          label="Without the objects around them"
          wire="flatten"
          checked={options.value.flatten}
          onChange={(flatten) => onChange({ ...step, options: { ...options, value: { ...options.value, flatten } } })}
        />
      );
    default:
      return null;
  }
}

const largest = 2 ** 31 - 1;

interface AmountProps {
  value: number;
  percent: boolean;
  plain: boolean;
  problem: string | undefined;
  onChange: (value: number) => void;
}

function Amount({ value, percent, plain, problem, onChange }: AmountProps) {
  const kept = percent ? "Of the text's bytes; no character is cut." : "The first bytes of UTF-8; no character is cut.";
  return (
    <TextInput
      label={plain ? "Remove" : "Keep"}
      wire="value"
      inputMode="numeric"
      value={value === 0 ? "" : String(value)}
      problem={problem}
      hint={plain ? "From the end of what was found." : kept}
      // Nothing but digits can be meant, so other keys do nothing.
      onChange={(text) => /^\d*$/.test(text) && onChange(Math.min(Number(text), largest))}
    />
  );
}
