import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { Boxes, CreditCard, Database, Mail, Radio } from "lucide-react";
import { type FocusEvent, type PointerEvent, type ReactNode, useContext } from "react";

import type { Component, Group, Operation, Service } from "../../live/model";
import { DirectionMark } from "../../parts/Direction";
import { LanguageMark, languageName } from "../../parts/Language";
import type { Selection } from "../../parts/selection";
import { count } from "../../parts/text";
import { useMapView } from "./context";
import { HighlightContext, useEmphasis } from "./highlight";
import css from "./nodes.module.css";

export type ServiceNode = Node<{ service: Service }, "service">;
export type GroupNode = Node<{ group: Group }, "operations">;
export type ComponentNode = Node<{ component: Component; groups: Group[] }, "component">;

// xyflow has a look of its own for the type name "group".
export const nodeTypes = { service: ServiceCard, operations: GroupCard, component: ComponentCard };

/** Highlights the flow through something while the pointer or the focus is on it. */
function usePointing(selection: Selection) {
  const highlight = useContext(HighlightContext);
  const point = () => highlight.point(selection);
  const release = () => highlight.point(undefined);
  // The map may move under a pointer that rests; only one that moves points at something.
  const move = ({ movementX, movementY }: PointerEvent) => {
    if (movementX !== 0 || movementY !== 0) point();
  };
  const focus = ({ currentTarget }: FocusEvent) => {
    if (currentTarget.matches(":focus-visible")) point();
  };
  return { onPointerMove: move, onPointerLeave: release, onFocus: focus, onBlur: release };
}

function useSelected(selection: Selection) {
  const { selection: current, select } = useMapView();
  const selected = current?.kind === selection.kind && current.id.toLowerCase() === selection.id.toLowerCase();
  return { "aria-pressed": selected, onClick: () => select(selected ? undefined : selection) };
}

function ServiceCard({ id, data: { service } }: NodeProps<ServiceNode>) {
  const { matches } = useMapView();
  const selection: Selection = { kind: "service", id: service.name };
  const pointing = usePointing(selection);
  const selected = useSelected(selection);
  const dim = matches !== undefined && !service.groups.some((g) => g.operations.some((o) => matches.has(o.key)));
  const live = service.sessions.length;
  const languages = service.languages.map(languageName).join(", ");
  return (
    <button
      type="button"
      className={css.card}
      data-dim={dim}
      data-emphasis={useEmphasis(id)}
      {...pointing}
      {...selected}
    >
      <LanguageMark language={service.languages[0]} />
      <span className={css.text}>
        <span className={css.title} title={service.name}>
          <Unseen>Service </Unseen>
          {service.name}
        </span>
        <span className={css.sub}>
          <LiveCount live={live} />
          {languages && ` · ${languages}`}
        </span>
      </span>
      <Ends side={Position.Right} />
    </button>
  );
}

function ComponentCard({ id, data: { component, groups } }: NodeProps<ComponentNode>) {
  const { matches } = useMapView();
  const selection: Selection = { kind: "component", id: component.name };
  const pointing = usePointing(selection);
  const selected = useSelected(selection);
  const operations = component.groups.reduce((sum, group) => sum + group.operations.length, 0);
  const dim = matches !== undefined && !groups.some((g) => g.operations.some((o) => matches.has(o.key)));
  const Icon = componentIcon(component.name);
  return (
    <button
      type="button"
      className={css.card}
      data-dim={dim}
      data-emphasis={useEmphasis(id)}
      {...pointing}
      {...selected}
    >
      <Ends side={Position.Left} />
      <Icon size={18} aria-hidden className={css.icon} />
      <span className={css.text}>
        <span className={css.title} title={component.name}>
          <Unseen>Component </Unseen>
          {component.name}
          <Unseen>: {count(operations, "operation")}</Unseen>
        </span>
      </span>
    </button>
  );
}

function GroupCard({ id, data: { group } }: NodeProps<GroupNode>) {
  const { matches } = useMapView();
  const highlight = useContext(HighlightContext);
  const dim = matches !== undefined && !group.operations.some((o) => matches.has(o.key));
  const title = group.direction === "consumer" ? "Consumers" : "Producers";
  return (
    <section
      className={css.group}
      data-direction={group.direction}
      data-dim={dim}
      data-emphasis={useEmphasis(id)}
      aria-label={`${title} of ${group.service} on ${group.component}`}
      onPointerLeave={() => highlight.point(undefined)}
    >
      <Ends side={Position.Left} />
      <p className={css.head}>
        <DirectionMark direction={group.direction} />
        {title}
      </p>
      <ul>
        {group.operations.map((operation) => (
          <OperationRow key={operation.key} operation={operation} />
        ))}
      </ul>
      <Ends side={Position.Right} />
    </section>
  );
}

function OperationRow({ operation }: { operation: Operation }) {
  const { model, matches } = useMapView();
  const selection: Selection = { kind: "op", id: operation.key };
  const pointing = usePointing(selection);
  const selected = useSelected(selection);
  const names = operation.pipelines.map(({ id, paused }) => ({
    id,
    paused,
    name: model.pipelines.get(id)?.pipeline.name ?? id,
  }));
  return (
    <li>
      <button
        type="button"
        className={css.operation}
        data-dim={matches !== undefined && !matches.has(operation.key)}
        data-key={operation.key}
        {...pointing}
        {...selected}
      >
        <span className={css.line}>
          <span className={css.title} title={operation.operation}>
            <Unseen>{operation.direction} </Unseen>
            {operation.operation}
            <Unseen>
              {" "}
              of {operation.service} on {operation.component}:
            </Unseen>
          </span>
          <LiveCount live={operation.sessions.length} />
        </span>
        <Chips pipelines={names} />
      </button>
    </li>
  );
}

// As many as fit into one line of a card; the rest is a number.
const shownChips = 2;

function Chips({ pipelines }: { pipelines: { id: string; name: string; paused: boolean }[] }) {
  if (pipelines.length === 0) return <span className={css.none}>no pipelines</span>;
  return (
    <span className={css.chips}>
      {pipelines.slice(0, shownChips).map(({ id, name, paused }) => (
        <span key={id} className={css.chip} data-paused={paused} title={paused ? `${name} (paused)` : name}>
          {name}
          {paused && <Unseen> (paused)</Unseen>}
        </span>
      ))}
      {pipelines.length > shownChips && <span className={css.more}>+{pipelines.length - shownChips}</span>}
    </span>
  );
}

/** Words that the eye gets from the place and the look of things. */
function Unseen({ children }: { children: ReactNode }) {
  return <span className="visually-hidden">{children}</span>;
}

function LiveCount({ live }: { live: number }) {
  return (
    <span className={css.live} data-live={live > 0}>
      <span className={css.dot} aria-hidden />
      {live} live
    </span>
  );
}

/** Where links start and end; data may run in both directions. */
function Ends({ side }: { side: Position }) {
  return (
    <>
      <Handle type="source" id={`${side}-out`} position={side} isConnectable={false} className={css.end} />
      <Handle type="target" id={`${side}-in`} position={side} isConnectable={false} className={css.end} />
    </>
  );
}

function componentIcon(name: string) {
  const text = name.toLowerCase();
  if (/kafka|rabbit|nats|sqs|pubsub|pulsar|queue|kinesis/.test(text)) return Radio;
  if (/postgres|mysql|mongo|redis|sql|database|db/.test(text)) return Database;
  if (/stripe|pay|billing/.test(text)) return CreditCard;
  if (/mail|ses|smtp/.test(text)) return Mail;
  return Boxes;
}
