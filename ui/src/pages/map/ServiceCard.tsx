import { type Node, type NodeProps, Position } from "@xyflow/react";
import { ChevronDown, ChevronRight } from "lucide-react";
import { memo } from "react";

import type { Service } from "../../live/model";
import { LanguageMark, languageName } from "../../parts/Language";
import type { Selection } from "../../parts/selection";
import { Ends, LiveCount, Unseen } from "./bits";
import { useMapView } from "./context";
import { useEmphasis } from "./highlight";
import css from "./nodes.module.css";
import { usePointing, useSelected } from "./pointing";

export type ServiceNode = Node<{ block: string; service: Service; folded: boolean }, "service">;

export const ServiceCard = memo(function ServiceCard({ id, data: { service, folded } }: NodeProps<ServiceNode>) {
  const { matches, fold } = useMapView();
  const selection: Selection = { kind: "service", id: service.name };
  const pointing = usePointing(selection);
  const selected = useSelected(selection);
  const dim = matches !== undefined && !service.groups.some((g) => g.operations.some((o) => matches.has(o.key)));
  const languages = service.languages.map(languageName).join(", ");
  const Chevron = folded ? ChevronRight : ChevronDown;
  return (
    <div className={css.card} data-dim={dim} data-emphasis={useEmphasis(id)} data-selected={selected["aria-pressed"]}>
      <button type="button" className={css.main} data-stop={id} {...pointing} {...selected}>
        <LanguageMark language={service.languages[0]} />
        <span className={css.text}>
          <span className={css.title} title={service.name}>
            <Unseen>Service </Unseen>
            {service.name}
          </span>
          <span className={css.sub}>
            <LiveCount live={service.sessions.length} />
            {languages && ` · ${languages}`}
          </span>
        </span>
      </button>
      {service.groups.length > 0 && (
        <button
          type="button"
          className={css.fold}
          aria-expanded={!folded}
          aria-label={`Operations of ${service.name}`}
          title={folded ? "Show its operations" : "Show only its sum"}
          onClick={() => fold(service.name, !folded)}
        >
          <Chevron size={15} aria-hidden />
        </button>
      )}
      <Ends side={Position.Right} />
    </div>
  );
});
