import { useStoreApi } from "@xyflow/react";
import { useContext, useEffect, useRef } from "react";

import { useMapView } from "./context";
import css from "./drawing.module.css";
import { HighlightContext } from "./highlight";
import type { Layout } from "./layout";
import { useInks } from "./inks";
import { type Look, paint } from "./paint";
import { operationsOf } from "./part";

/** The whole map as one drawing that follows the view. */
export function Drawing({ layout }: { layout: Layout }) {
  const store = useStoreApi();
  const highlight = useContext(HighlightContext);
  const { matches, model } = useMapView();
  const canvas = useRef<HTMLCanvasElement>(null);
  const inks = useInks(canvas);

  useEffect(() => {
    const element = canvas.current!;
    const context = element.getContext("2d")!;
    const look: Look = {
      emphasis: (id) => highlight.emphasis(id),
      isDim: (keys) => matches !== undefined && !keys.some((key) => matches.has(key)),
      keysOf: operationsOf,
    };
    let asked = 0;
    const draw = () => {
      asked = 0;
      const { width, height, transform } = store.getState();
      const scale = devicePixelRatio;
      if (element.width !== Math.round(width * scale) || element.height !== Math.round(height * scale)) {
        element.width = Math.round(width * scale);
        element.height = Math.round(height * scale);
      }
      context.setTransform(scale, 0, 0, scale, 0, 0);
      context.clearRect(0, 0, width, height);
      paint(context, { width, height }, { x: transform[0], y: transform[1], zoom: transform[2] }, layout, look, inks.current());
    };
    // However often something changes, a frame is drawn once.
    const ask = () => (asked ||= requestAnimationFrame(draw));
    draw();
    const stops = [store.subscribe(ask), highlight.subscribe(ask), inks.subscribe(ask)];
    return () => {
      stops.forEach((stop) => stop());
      cancelAnimationFrame(asked);
    };
  }, [store, highlight, inks, layout, matches]);

  return (
    <canvas
      ref={canvas}
      className={css.drawing}
      role="img"
      aria-label={`${model.services.length} services from far away: zoom in, or see the list, to read them`}
    />
  );
}
