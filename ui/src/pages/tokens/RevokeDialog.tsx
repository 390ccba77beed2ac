import type { Token } from "../../gen/streamdal/console/v1/token_pb";
import { Confirm } from "../../parts/Dialog";
import { sentence } from "../../parts/text";
import { useToasts } from "../../parts/toast";
import { useWork } from "../../parts/useWork";
import { nameOf, tokens } from "./tokens";

interface Props {
  token: Token;
  onClose: () => void;
  onRevoked: () => Promise<void>;
}

export function RevokeDialog({ token, onClose, onRevoked }: Props) {
  const toasts = useToasts();
  const work = useWork();
  const name = nameOf(token);
  const revoke = () =>
    work.run(async () => {
      await tokens().revoke({ id: token.id });
      toasts.done(`Revoked ${name}`);
      onClose();
      await onRevoked();
    });
  return (
    <Confirm
      title={`Revoke ${name}?`}
      action="Revoke"
      busy={work.busy}
      problem={work.problem && sentence(work.problem)}
      onConfirm={() => void revoke()}
      onClose={onClose}
    >
      <p>
        {token.role === "sdk"
          ? "SDKs that use it are cut off on all nodes at once. They keep the rules they have and get no new ones."
          : "Who uses it is logged out on all nodes at once."}{" "}
        This cannot be undone.
      </p>
    </Confirm>
  );
}
