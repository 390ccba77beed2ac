// The Console over the fake server: `npm run dev`, then /test/fake/?services=120
import "../../src/app/theme.css";

import { createRoot } from "react-dom/client";

import { App } from "../../src/app/App";
import { applyTheme, readTheme } from "../../src/parts/theme";
import { FakeServer } from "./server";

const server = new FakeServer(Number(new URLSearchParams(location.search).get("services") ?? 4));
Object.assign(window, { fakeServer: server });
history.replaceState(null, "", "/");
applyTheme(readTheme());
createRoot(document.getElementById("root")!).render(<App session={server.session} transport={server.transport()} />);
