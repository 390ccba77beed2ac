import { closestCenter, DndContext, type DndContextProps, type DragEndEvent, KeyboardSensor, PointerSensor, useSensor, useSensors } from "@dnd-kit/core";
import { SortableContext, sortableKeyboardCoordinates, verticalListSortingStrategy } from "@dnd-kit/sortable";

interface Props extends Pick<DndContextProps, "accessibility" | "modifiers" | "children"> {
  /** One for each row, in order. */
  keys: string[];
  label: string;
  className: string | undefined;
  disabled: boolean;
  onMove: (from: number, to: number) => void;
}

/** A list whose rows, each a useSortable, can be dragged to another place, by pointer or keyboard. */
export function Sortable({ keys, label, className, disabled, onMove, children, ...words }: Props) {
  // A press that does not move is a click.
  const pointer = useSensor(PointerSensor, { activationConstraint: { distance: 4 } });
  const keyboard = useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates });
  const sensors = useSensors(pointer, keyboard);
  const drop = ({ active, over }: DragEndEvent) => {
    const [from, to] = [keys.indexOf(String(active.id)), over ? keys.indexOf(String(over.id)) : -1];
    if (from >= 0 && to >= 0 && from !== to) onMove(from, to);
  };
  return (
    <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={drop} {...words}>
      <SortableContext items={keys} strategy={verticalListSortingStrategy} disabled={disabled}>
        <ol className={className} aria-label={label}>
          {children}
        </ol>
      </SortableContext>
    </DndContext>
  );
}
