import { useConsole, usePicture } from "../../../live/context";
import type { Operation } from "../../../live/model";
import { useToasts } from "../../../parts/toast";

export type Assignments = ReturnType<typeof useAssignments>;

/** The changes to an operation's list, each with its words for success and failure. */
export function useAssignments(operation: Operation) {
  const { actions } = useConsole();
  const { model } = usePicture();
  const toasts = useToasts();
  const name = (id: string) => model?.pipelines.get(id)?.pipeline.name ?? id;
  const where = operation.operation;

  const attempt = (work: Promise<void>, failure: string, success?: () => void) =>
    void work.then(success, (error: unknown) => toasts.failed(failure, error));

  const attach = (id: string, place?: number) =>
    attempt(actions.attach(operation, id, place), `${name(id)} was not attached`, () =>
      toasts.done(`Attached ${name(id)} to ${where}`, () => attempt(actions.detach(operation, id), `${name(id)} was not detached`)),
    );
  const detach = (id: string) =>
    attempt(actions.detach(operation, id), `${name(id)} was not detached`, () =>
      toasts.done(`Detached ${name(id)} from ${where}`, () => attempt(actions.reattach(operation, id), `${name(id)} was not attached again`)),
    );
  const pause = (id: string, paused: boolean) =>
    attempt(actions.pause(operation, id, paused), `${name(id)} was not ${paused ? "paused" : "resumed"}`, () =>
      toasts.done(`${paused ? "Paused" : "Resumed"} ${name(id)} on ${where}`),
    );
  const move = (id: string, place: number) => attempt(actions.move(operation, id, place), `${name(id)} was not moved`);

  return { attach, detach, pause, move };
}
