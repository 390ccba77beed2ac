import { LogOut, Monitor, Moon, Search, Sun } from "lucide-react";
import { Suspense, useEffect, useRef, useState } from "react";
import { Link, Route, Switch, useLocation } from "wouter";

import { useConsole, usePicture } from "../live/context";
import { Bones } from "../parts/Bones";
import { IconButton } from "../parts/Button";
import { Confirm } from "../parts/Dialog";
import { Failure } from "../parts/Failure";
import { Logo } from "../parts/Logo";
import { useToasts } from "../parts/toast";
import { NotFound } from "./NotFound";
import { Palette } from "./Palette";
import { pages, routes } from "./routes";
import css from "./shell.module.css";
import { isOffline, NodeName, StaleStrip, Status, TroubleStrip } from "./Status";
import { applyTheme, type Theme, useTheme } from "../parts/theme";

export function Shell({ onLogout }: { onLogout: () => Promise<void> }) {
  const [palette, setPalette] = useState(false);
  const { connection } = usePicture();
  const toasts = useToasts();
  const [location] = useLocation();
  const { drafts } = useConsole();
  const [asking, setAsking] = useState(false);
  const leave = () => void onLogout().catch((error: unknown) => toasts.failed("Log-out failed", error));
  const logout = () => (drafts.size > 0 ? setAsking(true) : leave());
  usePaletteKey(() => setPalette(true));
  return (
    <div className={css.shell}>
      <a className={css.skip} href="#page">
        Skip to the page
      </a>
      <Navigation />
      <header className={css.bar}>
        <PageName />
        <button type="button" className={css.search} onClick={() => setPalette(true)} aria-keyshortcuts="Control+K Meta+K">
          <Search size={14} aria-hidden />
          <span>Search or command</span>
          <kbd>{isMac ? "⌘" : "Ctrl"} K</kbd>
        </button>
        <div className={css.right}>
          <div className={css.state}>
            <NodeName />
            <Status />
          </div>
          <ThemeButton />
          <IconButton label="Log out" onClick={logout}>
            <LogOut size={16} />
          </IconButton>
        </div>
      </header>
      <main id="page" className={css.page} data-stale={isOffline(connection)} tabIndex={-1}>
        <StaleStrip />
        <TroubleStrip />
        <Failure key={location.split("/")[1]}>
          <Suspense fallback={<Loading />}>
            <Switch>
              {routes.map(({ path, page }) => (
                <Route key={path} path={path} component={page} />
              ))}
              <Route component={NotFound} />
            </Switch>
          </Suspense>
        </Failure>
      </main>
      {palette && <Palette onClose={() => setPalette(false)} onLogout={logout} />}
      {asking && (
        <Confirm title="Log out without saving?" action="Log out" onConfirm={leave} onClose={() => setAsking(false)}>
          <p>These pipelines have changes that nobody has saved. Logging out drops them:</p>
          <ul>
            {drafts.names().map((name, i) => (
              <li key={i}>{name}</li>
            ))}
          </ul>
        </Confirm>
      )}
    </div>
  );
}

function Loading() {
  return (
    <div className={css.loading}>
      <Bones />
    </div>
  );
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

function Navigation() {
  const [location] = useLocation();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // Narrow screens have not the room for all pages at once.
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [location]);
  return (
    <nav ref={nav} className={css.nav} aria-label="Pages">
      <Link href="/" className={css.logo} aria-label="Streamdal: to the map">
        <Logo />
      </Link>
      {pages.map(({ path, label, icon: Icon }) => (
        <Link key={path} href={path} className={css.item} aria-current={isUnder(location, path) ? "page" : undefined}>
          <Icon size={18} aria-hidden />
          <span>{label}</span>
        </Link>
      ))}
    </nav>
  );
}

function PageName() {
  const [location] = useLocation();
  const label = pages.find(({ path }) => isUnder(location, path))?.label ?? "Not found";
  useEffect(() => {
    document.title = `${label} · Streamdal`;
  }, [label]);
  return <h1 className={css.name}>{label}</h1>;
}

function isUnder(location: string, path: string): boolean {
  return path === "/" ? location === "/" : location === path || location.startsWith(path + "/");
}

const themes: Record<Theme, { next: Theme; label: string; icon: typeof Sun }> = {
  system: { next: "light", label: "Theme: as the system", icon: Monitor },
  light: { next: "dark", label: "Theme: light", icon: Sun },
  dark: { next: "system", label: "Theme: dark", icon: Moon },
};

function ThemeButton() {
  const { next, label, icon: Icon } = themes[useTheme()];
  return (
    <IconButton label={label} onClick={() => applyTheme(next)}>
      <Icon size={16} />
    </IconButton>
  );
}

function usePaletteKey(open: () => void) {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      open();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });
}
