import { useEffect, useRef, useState } from "react";

import { useConsole } from "../../../live/context";
import type { Operation } from "../../../live/model";
import { words } from "../../../live/words";
import { Button } from "../../../parts/Button";
import { Dialog } from "../../../parts/Dialog";
import { Problem } from "../../../parts/Field";
import { count } from "../../../parts/text";
import { nextMessage } from "./message";

interface Props {
  operation: Operation;
  onMessage: (text: string) => void;
  onClose: () => void;
}

/** Asks before a tail is started for one message. */
export function LiveMessage({ operation, onMessage, onClose }: Props) {
  const { client } = useConsole();
  const [waiting, setWaiting] = useState(false);
  const [problem, setProblem] = useState<string>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);

  const start = async () => {
    const { signal } = (stop.current = new AbortController());
    setWaiting(true);
    setProblem(undefined);
    try {
      const text = await nextMessage(client, operation, signal);
      if (!signal.aborted) onMessage(text);
    } catch (error) {
      if (signal.aborted) return;
      setProblem(words(error));
      setWaiting(false);
    }
  };
  const live = operation.sessions.length;
  return (
    <Dialog
      title="Take one live message?"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{waiting ? "Stop" : "Cancel"}</Button>
          <Button kind="primary" disabled={waiting} onClick={() => void start()} data-autofocus>
            {waiting ? "Waiting …" : "Take the next message"}
          </Button>
        </>
      }
    >
      <p>
        This starts a tail of <strong>{operation.operation}</strong> of {operation.service} and ends it with the first message.
        {live === 0 ? " No session of it is live now, so there may be none." : ` It has ${count(live, "live session")}.`}
      </p>
      <p className="muted">Messages may hold personal data. This one stays in this tab and goes to the server to be tried; it is stored nowhere.</p>
      {waiting && <p role="status">Waiting for the next message …</p>}
      {problem !== undefined && <Problem>{problem}</Problem>}
    </Dialog>
  );
}
