import { Component, type ReactNode } from "react";

import { useConsole } from "../live/context";
import { Button } from "./Button";
import { Empty } from "./Empty";
import { NotLoaded } from "./lazily";

interface Props {
  children: ReactNode;
}

/** Shows what is wrong instead of an empty page. React keeps reporting it in the browser's log. */
export class Failure extends Component<Props, { error: Error | undefined }> {
  override state = { error: undefined };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override componentDidCatch(error: Error) {
    if (error instanceof NotLoaded) error.forget();
  }

  override render() {
    const { error } = this.state as { error: Error | undefined };
    if (error === undefined) return this.props.children;
    if (error instanceof NotLoaded) return <Missing again={() => this.setState({ error: undefined })} />;
    return (
      <Empty title="The Console has a bug and cannot show this page">
        <p>
          It said: <code>{error.message}</code>. Nothing on the server was changed by this.
        </p>
        <Button onClick={() => location.reload()}>Load the Console again</Button>
      </Empty>
    );
  }
}

function Missing({ again }: { again: () => void }) {
  const { drafts } = useConsole();
  return (
    <Empty title="The code of this page did not come">
      <p>
        The server cannot be reached, or it was updated since this tab was opened. If trying again does not help, load the
        Console again.
        {drafts.size > 0 && ` That drops what nobody has saved: ${drafts.names().join(", ")}.`}
      </p>
      <p>
        <Button kind="primary" onClick={again}>
          Try again
        </Button>{" "}
        <Button onClick={() => location.reload()}>Load the Console again</Button>
      </p>
    </Empty>
  );
}
