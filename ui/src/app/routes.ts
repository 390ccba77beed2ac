import { Map as MapIcon, Workflow } from "lucide-react";
import { lazy } from "react";

import { MapPage } from "../pages/map/MapPage";

export const pages = [
  { path: "/", label: "Map", icon: MapIcon },
  { path: "/pipelines", label: "Pipelines", icon: Workflow },
] as const;

export const routes = [
  { path: "/", page: MapPage },
  { path: "/pipelines/:id?", page: lazy(() => import("../pages/pipelines/PipelinesPage")) },
] as const;
