import { Bell, Boxes, KeyRound, Map as MapIcon, Workflow } from "lucide-react";
import { lazy } from "react";

import { MapPage } from "../pages/map/MapPage";

export const pages = [
  { path: "/", label: "Map", icon: MapIcon },
  { path: "/pipelines", label: "Pipelines", icon: Workflow },
  { path: "/notifications", label: "Notifications", icon: Bell },
  { path: "/wasm", label: "Wasm", icon: Boxes },
  { path: "/kv", label: "KV", icon: KeyRound },
] as const;

export const routes = [
  { path: "/", page: MapPage },
  { path: "/pipelines/:id?", page: lazy(() => import("../pages/pipelines/PipelinesPage")) },
  { path: "/notifications/:id?", page: lazy(() => import("../pages/notifications/NotificationsPage")) },
  { path: "/wasm/:id?", page: lazy(() => import("../pages/wasm/WasmPage")) },
  { path: "/kv", page: lazy(() => import("../pages/kv/KvPage")) },
] as const;
