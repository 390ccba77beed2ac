// The Console over the fake server: `npm run dev`, then /test/fake/?services=120, with &flow for messages and &at=/sessions for another page.
import "../../src/app/theme.css";

import { createRoot } from "react-dom/client";

import { App } from "../../src/app/App";
import { applyTheme, readTheme } from "../../src/parts/theme";
import { FakeServer } from "./server";

const wanted = new URLSearchParams(location.search);
const server = new FakeServer(Number(wanted.get("services") ?? 4));
if (wanted.has("flow")) server.flow();
Object.assign(window, { fakeServer: server });
history.replaceState(null, "", wanted.get("at") ?? "/");
applyTheme(readTheme());
createRoot(document.getElementById("root")!).render(<App session={server.session} transport={server.transport()} />);
