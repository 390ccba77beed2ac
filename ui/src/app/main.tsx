import "./theme.css";

import { createRoot } from "react-dom/client";

import { sameOrigin } from "../live/client";
import { httpSession } from "../live/session";
import { App } from "./App";
import { applyTheme, readTheme } from "../parts/theme";

applyTheme(readTheme());
createRoot(document.getElementById("root")!).render(<App session={httpSession} transport={sameOrigin()} />);
