import { Panel, useReactFlow, useStoreApi } from "@xyflow/react";
import { type PointerEvent, useEffect, useRef } from "react";

import { useMapView } from "./context";
import { useInks } from "./inks";
import type { Layout } from "./layout";
import css from "./mini-map.module.css";
import { type Look, paint } from "./paint";
import { operationsOf } from "./part";

const size = { width: 204, height: 140 };
const margin = 8;

/** The whole map in a corner, with a frame around what is in view. It is drawn once; only the frame moves. */
export function MiniMap({ layout }: { layout: Layout }) {
  const flow = useReactFlow();
  const store = useStoreApi();
  const { matches } = useMapView();
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const inks = useInks(canvas);
  const zoom = Math.min((size.width - 2 * margin) / layout.width, (size.height - 2 * margin) / layout.height);
  const x = (size.width - layout.width * zoom) / 2 - layout.x * zoom;
  const y = (size.height - layout.height * zoom) / 2 - layout.y * zoom;

  useEffect(() => {
    const look: Look = {
      emphasis: () => "none",
      isDim: (keys) => matches !== undefined && !keys.some((key) => matches.has(key)),
      keysOf: operationsOf,
    };
    const draw = () => {
      const context = canvas.current?.getContext("2d");
      if (!context) return;
      context.setTransform(2, 0, 0, 2, 0, 0);
      context.clearRect(0, 0, size.width, size.height);
      paint(context, size, { x, y, zoom }, layout, look, inks.current());
    };
    draw();
    return inks.subscribe(draw);
  }, [layout, matches, inks, x, y, zoom]);

  useEffect(() => {
    const move = () => {
      // The store tells of its end after this is taken out of the page.
      if (!frame.current) return;
      const { width, height, transform } = store.getState();
      const scale = zoom / transform[2];
      Object.assign(frame.current.style, {
        transform: `translate(${x - transform[0] * scale}px, ${y - transform[1] * scale}px)`,
        width: `${width * scale}px`,
        height: `${height * scale}px`,
      });
    };
    move();
    return store.subscribe(move);
  }, [store, x, y, zoom]);

  const go = (event: PointerEvent<HTMLElement>) => {
    if (event.buttons !== 1) return;
    const { left, top } = event.currentTarget.getBoundingClientRect();
    void flow.setCenter((event.clientX - left - x) / zoom, (event.clientY - top - y) / zoom, { zoom: flow.getZoom() });
  };

  return (
    <Panel position="bottom-right" className={`${css.map!} nopan nowheel`} onPointerDown={go} onPointerMove={go} aria-hidden>
      <canvas ref={canvas} width={2 * size.width} height={2 * size.height} />
      <div ref={frame} className={css.frame} />
    </Panel>
  );
}
