import { pageOf } from "./page-of.ts";
import { quietly } from "./quietly.ts";

/** One line for whoever runs the app. */
export interface OperatorLine {
  /** `error`: the operator must mend it. `warn`: a sender's mistake, or a failure that is tried again. */
  readonly level: "error" | "warn";
  /** The stable code of what happened; also the name of its page in the docs. */
  readonly code: string;
  /** What happened and what to do. Never a secret, a signature, a body, a record id or the message of somebody's error. */
  readonly sentence: string;
  /** The event it is about. */
  readonly event?: { readonly eventName?: string | undefined; readonly eventId?: string | null | undefined };
  /** The error behind it; only its class is written. */
  readonly cause?: unknown;
  /** Lines with the same value share a limit. Default: the code. */
  readonly limitedBy?: string;
}

/** How many lines of one kind are written in a minute. The next line after that says how many were left out. */
const LINES_PER_MINUTE = { error: 10, warn: 1 };

const MINUTE_MS = 60_000;

/** Event names may limit lines, and a sender chooses those: beyond this many kinds, all are forgotten. */
const KINDS_KEPT = 1_000;

/** A longer id or name is cut off. */
const MAX_LENGTH = 100;

interface Minute {
  readonly startedAtMs: number;
  lines: number;
  leftOut: number;
}

/** The limits hold for the whole process, because a receiver may be made for each request, and a process may hold two copies of this package. */
const MINUTES = Symbol.for("popp-webhooks.console-lines");

/**
 * Writes one line to the console, unless its kind has used up its lines for this minute. Never throws.
 *
 * @param nowMs - the current time, in milliseconds since any start; the system's clock replaces one that gives no time
 */
export function tellOperator(line: OperatorLine, nowMs: number = Date.now()): void {
  quietly(() => {
    const { level, code, limitedBy = code } = line;
    const host = globalThis as { [MINUTES]?: Map<string, Minute> };
    host[MINUTES] ??= new Map();
    const minutes = host[MINUTES];
    const kind = level + limitedBy;
    let minute = minutes.get(kind);
    const atMs = Number.isFinite(nowMs) ? nowMs : Date.now();
    // A clock that was set back starts a new minute too.
    if (!minute || atMs < minute.startedAtMs || atMs >= minute.startedAtMs + MINUTE_MS) {
      if (minutes.size >= KINDS_KEPT) minutes.clear();
      minute = { startedAtMs: atMs, lines: 0, leftOut: minute?.leftOut ?? 0 };
      minutes.set(kind, minute);
    }
    if (minute.lines >= LINES_PER_MINUTE[level]) {
      minute.leftOut++;
      return;
    }
    minute.lines++;
    console[level](textOf(line, minute.leftOut));
    minute.leftOut = 0;
  });
}

function textOf({ code, sentence, event, cause }: OperatorLine, leftOut: number): string {
  const { eventName, eventId } = event ?? {};
  const facts = [
    eventName && `event ${quoted(eventName)}`,
    eventId && `id ${quoted(eventId)}`,
    cause !== undefined && `cause ${classOf(cause)}`,
    leftOut > 0 && `${leftOut} more like this since the last line`,
  ].filter(Boolean);
  return `[popp-webhooks] ${code}: ${sentence}${facts.length > 0 ? ` (${facts.join(", ")})` : ""} Page: ${pageOf(code)}`;
}

/** A sender's text, bounded, without characters that control a terminal or break a line. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, MAX_LENGTH).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?"));
}

/** The class of an error. Its message and its own `name` may hold anything, and reading them may throw. */
function classOf(cause: unknown): string {
  try {
    const name: unknown = Object(cause).constructor.name;
    if (typeof name === "string" && /^\w{1,60}$/.test(name)) return name;
  } catch {
    // The line is written without the class.
  }
  return typeof cause;
}
