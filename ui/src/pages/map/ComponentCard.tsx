import { type Node, type NodeProps, Position } from "@xyflow/react";
import { Boxes, CreditCard, Database, Mail, Radio } from "lucide-react";
import { memo, useMemo } from "react";

import type { Component, Group } from "../../live/model";
import type { Selection } from "../../parts/selection";
import { count } from "../../parts/text";
import { Ends, MessageRate, Unseen } from "./bits";
import { useMapView } from "./context";
import { keysOf } from "./flowing";
import { useEmphasis } from "./highlight";
import css from "./nodes.module.css";
import { usePointing, useSelected } from "./pointing";

export type ComponentNode = Node<{ block: string; component: Component; groups: Group[] }, "component">;

export const ComponentCard = memo(function ComponentCard({ id, data: { component, groups } }: NodeProps<ComponentNode>) {
  const { matches } = useMapView();
  const selection: Selection = { kind: "component", id: component.name };
  const pointing = usePointing(selection);
  const selected = useSelected(selection);
  const keys = useMemo(() => keysOf(groups), [groups]);
  const operations = component.groups.reduce((sum, group) => sum + group.operations.length, 0);
  const Icon = componentIcon(component.name);
  return (
    <div
      className={css.card}
      data-dim={matches !== undefined && !keys.some((key) => matches.has(key))}
      data-emphasis={useEmphasis(id)}
      data-selected={selected["aria-pressed"]}
    >
      <Ends side={Position.Left} />
      <button type="button" className={css.main} data-stop={id} {...pointing} {...selected}>
        <span className={css.icon}>
          <Icon size={16} aria-hidden />
        </span>
        <span className={css.text}>
          <span className={css.title} title={component.name}>
            <Unseen>Component </Unseen>
            {component.name}
            <Unseen>: {count(operations, "operation")}, </Unseen>
          </span>
          <MessageRate keys={keys} />
        </span>
      </button>
    </div>
  );
});

function componentIcon(name: string) {
  const text = name.toLowerCase();
  if (/kafka|rabbit|nats|sqs|pubsub|pulsar|queue|kinesis/.test(text)) return Radio;
  if (/postgres|mysql|mongo|redis|sql|database|db/.test(text)) return Database;
  if (/stripe|pay|billing/.test(text)) return CreditCard;
  if (/mail|ses|smtp/.test(text)) return Mail;
  return Boxes;
}
