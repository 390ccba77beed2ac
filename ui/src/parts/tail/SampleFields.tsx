import { useEffect, useRef, useState } from "react";

import css from "./tail.module.css";

export interface Sample {
  rate: number;
  seconds: number;
}

interface Props {
  /** Undefined for all messages. */
  sample: Sample | undefined;
  onChange: (sample: Sample | undefined) => void;
}

// People write numbers digit by digit; each change starts the stream again.
const settle = 700;
const mostRate = 100_000;
const mostSeconds = 86_400;

const digits = { inputMode: "numeric", autoComplete: "off", className: css.number } as const;

/** How many messages are shown per so many seconds. */
export function SampleFields({ sample, onChange }: Props) {
  const [rate, setRate] = useState(String(sample?.rate ?? ""));
  const [seconds, setSeconds] = useState(String(sample?.seconds ?? 1));
  useEffect(() => {
    // What came from these fields is in them, and more may have been typed since.
    if (alike(read(rate, seconds), sample)) return;
    setRate(String(sample?.rate ?? ""));
    if (sample) setSeconds(String(sample.seconds));
  }, [sample?.rate, sample?.seconds]);
  const next = read(rate, seconds);
  const now = useRef({ sample, onChange });
  now.current = { sample, onChange };
  useEffect(() => {
    const wanted = read(rate, seconds);
    const { sample } = now.current;
    if (wanted === "wrong" || alike(wanted, sample)) return;
    const timer = setTimeout(() => now.current.onChange(wanted), settle);
    return () => clearTimeout(timer);
  }, [rate, seconds]);
  return (
    <span className={css.sample} role="group" aria-label="Sample">
      <input
        {...digits}
        aria-label="Messages"
        placeholder="all"
        title={`A whole number up to ${mostRate.toLocaleString("en")}, or nothing for all messages`}
        value={rate}
        aria-invalid={next === "wrong"}
        onChange={(event) => setRate(event.target.value)}
      />
      <span>per</span>
      <input
        {...digits}
        aria-label="Seconds"
        title={`Seconds, from 1 to ${mostSeconds.toLocaleString("en")}`}
        value={seconds}
        disabled={rate.trim() === ""}
        aria-invalid={next === "wrong"}
        onChange={(event) => setSeconds(event.target.value)}
      />
      <span>s</span>
    </span>
  );
}

function read(rate: string, seconds: string): Sample | undefined | "wrong" {
  if (rate.trim() === "") return undefined;
  const sample = { rate: whole(rate, mostRate), seconds: whole(seconds, mostSeconds) };
  return sample.rate === undefined || sample.seconds === undefined ? "wrong" : (sample as Sample);
}

function alike(a: Sample | undefined | "wrong", b: Sample | undefined): boolean {
  return a !== "wrong" && a?.rate === b?.rate && a?.seconds === b?.seconds;
}

function whole(text: string, most: number): number | undefined {
  const n = Number(text);
  return /^\s*\d+\s*$/.test(text) && n >= 1 && n <= most ? n : undefined;
}
