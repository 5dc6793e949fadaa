import { quietly } from "./quietly.ts";

/** `error`: the operator must mend it. `warn`: a sender's mistake, or a failure that will be tried again. */
export type LineLevel = "error" | "warn";

/** How many lines of one kind are written in a minute; the next line after that says how many were left out. */
const LINES_A_MINUTE: Readonly<Record<LineLevel, number>> = { error: 10, warn: 1 };

const MINUTE_MS = 60_000;

/** Names come from event names too: more kinds than this are forgotten, so that a sender cannot fill the memory. */
const KINDS_KEPT = 1_000;

interface Minute {
  readonly startedAtMs: number;
  lines: number;
  leftOut: number;
}

/** Kept for the whole process, whichever copy of the package writes: a receiver may be made for each request. */
const MINUTES = Symbol.for("popp-webhooks.console-lines");

function minutes(): Map<string, Minute> {
  const host = globalThis as { [MINUTES]?: Map<string, Minute> };
  host[MINUTES] ??= new Map();
  return host[MINUTES];
}

/**
 * Writes one line to the console, unless that kind has used up its lines for this minute. Never throws.
 *
 * @param kind - what is limited together, such as an error code
 * @param line - one sentence; never a secret, a signature, a body or personal data
 */
export function tellOperator(level: LineLevel, kind: string, line: string, nowMs: number = Date.now()): void {
  const known = minutes();
  const key = `${level} ${kind}`;
  let minute = known.get(key);
  // A clock that was set back starts a new minute too, and so does one that is not a number.
  if (!minute || !(nowMs >= minute.startedAtMs && nowMs < minute.startedAtMs + MINUTE_MS)) {
    if (known.size >= KINDS_KEPT) known.clear();
    minute = { startedAtMs: nowMs, lines: 0, leftOut: minute?.leftOut ?? 0 };
    known.set(key, minute);
  }
  if (minute.lines >= LINES_A_MINUTE[level]) {
    minute.leftOut++;
    return;
  }
  minute.lines++;
  const more = minute.leftOut > 0 ? ` (${minute.leftOut} more like this since the last line)` : "";
  minute.leftOut = 0;
  quietly(() => console[level](`[popp-webhooks] ${line}${more}`));
}
