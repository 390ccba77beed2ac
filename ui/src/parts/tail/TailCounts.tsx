import { useCell } from "../../live/cell";
import type { Tail } from "../../live/tail/tail";
import { mostBytes, mostRows } from "../../live/tail/tail";
import { age, bytes, sentence } from "../text";
import { useNow } from "../useNow";
import css from "./tail.module.css";
import type { Shown } from "./useShown";

const number = (n: number) => n.toLocaleString("en");

/** What the tail is doing, and what became of the messages. */
export function TailCounts({ tail, shown, rows, filtered }: { tail: Tail; shown: Shown; rows: number; filtered: boolean }) {
  const { arrived, perSecond, server, pausedHere, dropped } = useCell(tail.counts);
  return (
    <div className={css.counts}>
      <State tail={tail} />
      <Count name="/s" title="Messages that came to this tab, on average over the last five seconds">
        {perSecond.toFixed(1)}
      </Count>
      <Count name=" arrived" title="Messages that came to this tab since the start">
        {number(arrived)}
      </Count>
      {filtered && (
        <Count name={` of ${number(rows)} match`} title="What the filter lets through, of what is kept">
          {number(shown.messages)}
        </Count>
      )}
      <Count name=" dropped here" title={`This tab keeps the newest ${number(mostRows)} messages, and of large ones the newest ${bytes(mostBytes)}`} warn={dropped > 0}>
        {number(dropped)}
      </Count>
      <span className={css.server} role="group" aria-label="As the server counts, every 10 s">
        <span title="The server tells its counts every 10 s">Server{server && <Age at={server.at} />}:</span>
        <Count name=" sent by SDKs" title="Messages that SDKs sent for this tail, to all nodes">
          {server && number(server.received)}
        </Count>
        <Count name=" sampled out" title="Left out by the sample rate">
          {server && number(server.sampledOut)}
        </Count>
        <Count name=" paused" title="Left out while the tail was paused">
          {server && number(server.paused + pausedHere)}
        </Count>
        <Count name=" lost" title="Lost because this tab, or the way between nodes, was too slow" warn={(server?.lost ?? 0) > 0}>
          {server && number(server.lost)}
        </Count>
      </span>
    </div>
  );
}

function Age({ at }: { at: number }) {
  return ` ${age(useNow(true) - at)} ago`;
}

function Count({ name, title, warn = false, children }: { name: string; title: string; warn?: boolean; children: string | undefined }) {
  return (
    <span title={title} data-warn={warn}>
      <b>{children ?? "–"}</b>
      {name}
    </span>
  );
}

function State({ tail }: { tail: Tail }) {
  const state = useCell(tail.state);
  const paused = useCell(tail.paused);
  const waiting = state.phase === "waiting";
  const now = useNow(waiting);
  const tell = (): [tone: string, text: string] => {
    if (state.phase === "off") return ["idle", state.reason === undefined ? "Not running" : "Stopped"];
    if (state.phase === "connecting") return ["idle", "Starting"];
    if (state.phase === "on") return paused ? ["warn", "Paused"] : ["ok", "Running"];
    return ["warn", `Again in ${Math.max(1, Math.ceil((state.retryAt - now) / 1_000))} s`];
  };
  const [tone, text] = tell();
  return (
    // Nobody wants to hear seconds being counted.
    <span className={css.state} role={waiting ? undefined : "status"}>
      <span className={css.dot} data-tone={tone} aria-hidden />
      {waiting ? (
        <button type="button" title={`${sentence(state.reason)} Click to try again now.`} onClick={tail.retryNow}>
          {text}
        </button>
      ) : (
        text
      )}
    </span>
  );
}

/** Sentences above the messages: why the tail does not run, or what a pause means. */
export function TailNotice({ tail, problem }: { tail: Tail; problem: string | undefined }) {
  const state = useCell(tail.state);
  const paused = useCell(tail.paused);
  const said: { text: string; tone: string; id?: string }[] = [];
  if (problem !== undefined) said.push({ text: problem, tone: "error", id: "tail-filter-problem" });
  if (state.phase === "off" && state.reason !== undefined) said.push({ text: `The tail was stopped. ${sentence(state.reason)}`, tone: "warn" });
  if (state.phase === "waiting") said.push({ text: sentence(state.reason), tone: "warn" });
  if (state.phase !== "off" && paused) said.push({ text: "Paused: the server leaves messages out and counts them. They will not be shown later.", tone: "warn" });
  return said.map(({ text, tone, id }) => (
    <p key={text} id={id} className={css.notice} data-tone={tone} role={tone === "error" ? "alert" : "status"}>
      {text}
    </p>
  ));
}

