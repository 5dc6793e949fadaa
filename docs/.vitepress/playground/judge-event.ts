import {
  assumeVerified,
  type Issue,
  isUnrecognized,
  isWebhookError,
  type PoppEventName,
  parseEvent,
  type UnrecognizedEvent,
} from "@popp-webhooks/core";
import { decoded } from "./body-bytes.ts";

/** What core makes of a genuine body. */
export interface EventVerdict {
  /** Which handler runs; undefined when the body is refused. */
  readonly runs?: PoppEventName | "UNRECOGNIZED";
  /** Why UNRECOGNIZED runs. */
  readonly reason?: UnrecognizedEvent["reason"];
  /** The code of the refusal. */
  readonly code?: string;
  readonly status: number;
  readonly title: string;
  /** Where the body does not fit the model, a sentence each. */
  readonly issues: readonly string[];
}

const REASONS: Readonly<Record<UnrecognizedEvent["reason"], string>> = {
  mismatch: "The data does not fit the model",
  "unknown-event": "The catalog does not have this event",
  "not-an-event": "The body is not an event",
};

/** Judges a body as a receiver does after its signature was verified. */
export function judgeEvent(body: Uint8Array): EventVerdict {
  try {
    const event = parseEvent(assumeVerified(body));
    if (!isUnrecognized(event))
      return { runs: event.event, status: 200, title: `Known: the handler of ${event.event} runs`, issues: [] };
    return {
      runs: "UNRECOGNIZED",
      reason: event.reason,
      status: 200,
      title: `${REASONS[event.reason]}: the handler of UNRECOGNIZED runs`,
      issues: event.issues.map(issueInWords),
    };
  } catch (error) {
    if (!isWebhookError(error)) throw error;
    const { code, status } = error;
    const issues = error.issues?.map(issueInWords) ?? [whyNotJson(body)];
    return { code, status, title: "The body is refused: no handler runs", issues };
  }
}

function whyNotJson(body: Uint8Array): string {
  const text = decoded(body);
  if (text === undefined) return "The body is not UTF-8 text.";
  try {
    JSON.parse(text.replace(/^\ufeff/, ""));
    return "The body is not JSON.";
  } catch (error) {
    return `The body is not JSON: ${(error as Error).message}.`;
  }
}

/** One place that does not fit, as a sentence that begins with its path. */
export function issueInWords({ path, expected, received }: Issue): string {
  const place = path === "" ? "The body" : path;
  const wanted = `expected ${expectedInWords(expected)}`;
  return received === "nothing" ? `${place} is missing: ${wanted}.` : `${place}: ${wanted}, got ${article(received)}.`;
}

function expectedInWords(expected: string): string {
  const kinds = expected.replace(/^\((.*)\)$/, "$1").split(" | ");
  return kinds.map((kind) => article(kind.toLowerCase())).join(" or ");
}

function article(kind: string): string {
  if (kind === "null" || /^an? /.test(kind)) return kind;
  return `${/^[aeo]/.test(kind) ? "an" : "a"} ${kind}`;
}
