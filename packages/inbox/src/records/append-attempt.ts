import { type AttemptError, type AttemptOutcome, linesOf } from "./history.ts";

/** An attempt that has just ended, before it is stored. */
export interface FinishedAttempt {
  readonly number: number;
  /** When it was claimed, by the store's clock. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
  /** What was thrown. */
  readonly thrown?: unknown;
}

/** How many of the oldest and of the latest attempts are kept. */
const KEPT = { first: 4, latest: 28 } as const;

/** How much of an error's message is kept, in UTF-16 code units. */
const MESSAGE_LENGTH = 500;

/** How much of its name and frame is kept. */
const NAME_LENGTH = 100;

/** Adds an attempt to the history of an event, and drops attempts from the middle of a long one. */
export function appendAttempt(history: string | null, attempt: FinishedAttempt): string {
  const { number, atMs, durationMs, outcome } = attempt;
  const error = "thrown" in attempt ? { error: errorOf(attempt.thrown) } : {};
  const line = JSON.stringify({
    kind: "attempt",
    number,
    at: atMs,
    durationMs: Math.round(durationMs),
    outcome,
    ...error,
  });
  return trimmed([...linesOf(history), line]).join("\n");
}

function trimmed(lines: readonly string[]): readonly string[] {
  const attempts = lines.filter(isAttempt);
  const dropped = new Set(attempts.slice(KEPT.first, Math.max(KEPT.first, attempts.length - KEPT.latest)));
  return lines.filter((line) => !dropped.has(line));
}

function isAttempt(line: string): boolean {
  return line.startsWith('{"kind":"attempt"');
}

/** Each part is read on its own: anything may be thrown, such as an object whose properties throw. */
function errorOf(thrown: unknown): AttemptError {
  const read = (name: string): string => {
    try {
      const value: unknown = Reflect.get(Object(thrown), name);
      return typeof value === "string" ? value : "";
    } catch {
      return "";
    }
  };
  const isObject = (typeof thrown === "object" && thrown !== null) || typeof thrown === "function";
  return {
    name: (isObject ? read("name") || "Object" : typeof thrown).slice(0, NAME_LENGTH),
    message: (isObject ? read("message") : String(thrown)).slice(0, MESSAGE_LENGTH),
    frame: frameOf(read("stack")),
  };
}

/** The first frame of a stack, in the form of V8 or of other engines, without the folder of its file. */
function frameOf(stack: string): string | null {
  const frame = stack
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line.startsWith("at ") || /^[^\s@]*@\S+:\d+/.test(line));
  if (frame === undefined) return null;
  const place = frame.replace(/^at /, "").replace(/[^\s(@]*[\\/]([^\\/]+)$/, "$1");
  return place.slice(0, NAME_LENGTH);
}
