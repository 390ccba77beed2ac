import { Component, type ReactNode } from "react";

import { Button } from "./Button";
import { Empty } from "./Empty";

interface Props {
  children: ReactNode;
}

/** Shows a bug of the Console instead of an empty page. React keeps reporting it in the browser's log. */
export class Failure extends Component<Props, { error: Error | undefined }> {
  override state = { error: undefined };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state as { error: Error | undefined };
    if (error === undefined) return this.props.children;
    return (
      <Empty title="The Console has a bug and cannot show this page">
        <p>
          It said: <code>{error.message}</code>. Nothing on the server was changed by this.
        </p>
        <Button onClick={() => location.reload()}>Load the page again</Button>
      </Empty>
    );
  }
}
