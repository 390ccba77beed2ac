import { Bell, Boxes, Braces, KeyRound, Map as MapIcon, Plug, ScrollText, Settings, ShieldCheck, Workflow } from "lucide-react";
import { MapPage } from "../pages/map/MapPage";
import { lazily } from "../parts/lazily";

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
  { path: "/pipelines/:id?", page: lazily(() => import("../pages/pipelines/PipelinesPage")) },
  { path: "/notifications/:id?", page: lazily(() => import("../pages/notifications/NotificationsPage")) },
  { path: "/wasm/:id?", page: lazily(() => import("../pages/wasm/WasmPage")) },
  { path: "/kv", page: lazily(() => import("../pages/kv/KvPage")) },
  { path: "/tail/:key?", page: lazily(() => import("../pages/tail/TailPage")) },
  { path: "/schemas/:key?", page: lazily(() => import("../pages/schemas/SchemasPage")) },
  { path: "/sessions", page: lazily(() => import("../pages/sessions/SessionsPage")) },
  { path: "/tokens", page: lazily(() => import("../pages/tokens/TokensPage")) },
  { path: "/settings", page: lazily(() => import("../pages/settings/SettingsPage")) },
] as const;
