import { decodeJson } from "./decode.ts";
import type { AnyEvent, Catalog, UnrecognizedEvent } from "./event.ts";
import type { PoppEnvelope } from "./events/envelope.ts";
import { fitOf, Misfit } from "./fit.ts";
import type { Issue } from "./issue.ts";
import { jsonTypeOf } from "./issue.ts";
import { Refusal } from "./refusal.ts";
import type { VerifiedBody } from "./verified-body.ts";

/**
 * Turns verified bytes into a typed event.
 *
 * Refuses only where there is no event at all: a name that the catalogue does not have, or anything that no longer
 * fits it, is an {@link UnrecognizedEvent}.
 */
export function parse(body: VerifiedBody, catalog: Catalog): AnyEvent | Refusal {
  const decoded = decodeJson(body);
  if (decoded instanceof Refusal) return decoded;
  const envelope = decoded.json;
  if (!isObject(envelope)) return invalid("", "object", envelope);
  const { event: name, data } = envelope;
  if (typeof name !== "string" || name === "") return invalid("event", "non-empty string", name);
  if (!isObject(data)) return invalid("data", "object", data);

  const fit = fitOf(catalog, name);
  const fitted = fit === undefined ? data : fit(data);
  if (fit !== undefined && !(fitted instanceof Misfit) && isComplete(envelope)) {
    return fitted === data ? envelope : { ...envelope, data: fitted };
  }
  const issues = [...envelopeIssues(envelope), ...(fitted instanceof Misfit ? fitted.issues : [])];
  return unrecognized(name, fit === undefined ? "unknown-event" : "mismatch", issues, envelope, data);
}

interface JsonObject {
  readonly [field: string]: unknown;
}

/** Whether an envelope whose name and data were found sound has the rest that Popp's current documents promise. */
function isComplete(envelope: JsonObject): envelope is JsonObject & PoppEnvelope<string, JsonObject> {
  const { eventId, eventTimestamp } = envelope;
  // An empty id would make one event of all that have it.
  return typeof eventId === "string" && eventId !== "" && typeof eventTimestamp === "string";
}

function envelopeIssues({ eventId, eventTimestamp }: JsonObject): Issue[] {
  const issues: Issue[] = [];
  if (typeof eventId !== "string" || eventId === "") issues.push(issueAt("eventId", "non-empty string", eventId));
  if (typeof eventTimestamp !== "string") issues.push(issueAt("eventTimestamp", "string", eventTimestamp));
  return issues;
}

function unrecognized(
  name: string,
  reason: UnrecognizedEvent["reason"],
  issues: readonly Issue[],
  { eventId, eventTimestamp }: JsonObject,
  data: JsonObject,
): UnrecognizedEvent {
  return {
    event: "UNRECOGNIZED",
    name,
    reason,
    issues,
    ...(typeof eventId === "string" && eventId !== "" && { eventId }),
    ...(typeof eventTimestamp === "string" && { eventTimestamp }),
    data,
  };
}

function invalid(path: string, expected: string, value: unknown): Refusal {
  const issue = issueAt(path, expected, value);
  const where =
    path === "" ? "The body is genuine JSON, but no event: it" : `The body is genuine JSON, but no event: \`${path}\``;
  return new Refusal("PAYLOAD_INVALID", `${where} must be ${expected}, received ${issue.received}.`, {
    issues: [issue],
  });
}

function issueAt(path: string, expected: string, value: unknown): Issue {
  return { path, expected, received: value === "" ? "empty string" : jsonTypeOf(value) };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
