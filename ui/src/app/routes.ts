import { Bell, Boxes, Braces, KeyRound, Map as MapIcon, Plug, ScrollText, Settings, ShieldCheck, Workflow } from "lucide-react";
import { lazy } from "react";

import { MapPage } from "../pages/map/MapPage";

export const pages = [
  { path: "/", label: "Map", icon: MapIcon },
  { path: "/pipelines", label: "Pipelines", icon: Workflow },
  { path: "/tail", label: "Tail", icon: ScrollText },
  { path: "/schemas", label: "Schemas", icon: Braces },
  { path: "/notifications", label: "Notifications", icon: Bell },
  { path: "/wasm", label: "Wasm", icon: Boxes },
  { path: "/kv", label: "KV", icon: KeyRound },
  { path: "/sessions", label: "Sessions", icon: Plug },
  { path: "/tokens", label: "Tokens", icon: ShieldCheck },
  { path: "/settings", label: "Settings", icon: Settings },
] as const;

export const routes = [
  { path: "/", page: MapPage },
  { path: "/pipelines/:id?", page: lazy(() => import("../pages/pipelines/PipelinesPage")) },
  { path: "/notifications/:id?", page: lazy(() => import("../pages/notifications/NotificationsPage")) },
  { path: "/wasm/:id?", page: lazy(() => import("../pages/wasm/WasmPage")) },
  { path: "/kv", page: lazy(() => import("../pages/kv/KvPage")) },
  { path: "/tail/:key?", page: lazy(() => import("../pages/tail/TailPage")) },
  { path: "/schemas/:key?", page: lazy(() => import("../pages/schemas/SchemasPage")) },
  { path: "/sessions", page: lazy(() => import("../pages/sessions/SessionsPage")) },
  { path: "/tokens", page: lazy(() => import("../pages/tokens/TokensPage")) },
  { path: "/settings", page: lazy(() => import("../pages/settings/SettingsPage")) },
] as const;
