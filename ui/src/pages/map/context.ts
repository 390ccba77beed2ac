import { createContext, useContext } from "react";

import type { Model } from "../../live/model";
import type { Selection } from "../../parts/selection";

export interface MapView {
  model: Model;
  selection: Selection | undefined;
  select: (selection: Selection | undefined) => void;
  /** Keys of matching operations while a filter is active. */
  matches: ReadonlySet<string> | undefined;
  /** Shows a service as a sum, or by its operations again. */
  fold: (service: string, folded: boolean) => void;
}

export const MapViewContext = createContext<MapView | undefined>(undefined);

export function useMapView(): MapView {
  const view = useContext(MapViewContext);
  if (!view) throw new Error("useMapView outside of MapViewContext");
  return view;
}
