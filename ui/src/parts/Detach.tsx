import { usePicture } from "../live/context";
import type { Operation } from "../live/model";
import { Confirm } from "./Dialog";
import { describeStep } from "./steps";
import { count } from "./text";

interface Props {
  operation: Operation;
  id: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** Says what stops before a pipeline is detached. */
export function Detach({ operation, id, onConfirm, onClose }: Props) {
  const { model } = usePicture();
  const pipeline = model?.pipelines.get(id)?.pipeline;
  const name = pipeline?.name ?? id;
  const { operation: where, service, sessions, pipelines } = operation;
  const paused = pipelines.find((one) => one.id === id)?.paused ?? false;
  const who = sessions.length > 0 ? count(sessions.length, "live session") : "No session is live now; those that connect";
  return (
    <Confirm title={`Detach ${name}?`} action={`Detach ${name}`} onConfirm={onConfirm} onClose={onClose}>
      <p>
        {paused
          ? `It is paused on ${where} of ${service}, so nothing stops. `
          : sessions.length > 0
            ? `${who} of ${service} ${sessions.length === 1 ? "stops" : "stop"} at once to do this to the messages of ${where}:`
            : `${who} will not do this to the messages of ${where}:`}
      </p>
      {pipeline && !paused && pipeline.steps.length > 0 && (
        <ul>
          {pipeline.steps.map((step, i) => (
            <li key={i}>{describeStep(step)}</li>
          ))}
        </ul>
      )}
      <p className="muted">The pipeline itself stays; it can be attached again.</p>
    </Confirm>
  );
}
