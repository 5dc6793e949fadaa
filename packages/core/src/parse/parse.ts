import { type Issue, jsonTypeOf } from "../errors/issue.ts";
import { Refusal } from "../errors/refusal.ts";
import type { PoppEnvelope } from "../events/envelope.ts";
import type { AnyEvent, Catalog } from "../events/event.ts";
import type { VerifiedBody } from "../verify/verified-body.ts";
import { decodeJson } from "./decode-json.ts";
import { SchemaMismatch, validatorFor } from "./validate.ts";

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
  if (!isText(name)) return invalid("event", NON_EMPTY, name);
  if (!isObject(data)) return invalid("data", "object", data);

  const fit = validatorFor(catalog, name);
  const fitted = fit ? fit(data) : data;
  if (fit && !(fitted instanceof SchemaMismatch) && isComplete(envelope)) {
    return fitted === data ? envelope : { ...envelope, data: fitted };
  }
  const { eventId, eventTimestamp } = envelope;
  const issues = [...envelopeIssues(envelope), ...(fitted instanceof SchemaMismatch ? fitted.issues : [])];
  return {
    event: "UNRECOGNIZED",
    name,
    reason: fit ? "mismatch" : "unknown-event",
    issues,
    eventId: isText(eventId) ? eventId : undefined,
    eventTimestamp: typeof eventTimestamp === "string" ? eventTimestamp : undefined,
    data,
  };
}

/** Whether an envelope whose name was found sound has the rest that Popp's current documents promise. */
function isComplete(envelope: JsonObject): envelope is JsonObject & PoppEnvelope<string, unknown> {
  return envelopeIssues(envelope).length === 0;
}

/** An empty id would make one event of all that have it. */
function envelopeIssues({ eventId, eventTimestamp }: JsonObject): readonly Issue[] {
  const issues: Issue[] = [];
  if (!isText(eventId)) issues.push(issueAt("eventId", NON_EMPTY, eventId));
  if (typeof eventTimestamp !== "string") issues.push(issueAt("eventTimestamp", "string", eventTimestamp));
  return issues;
}

const NON_EMPTY = "non-empty string";

function invalid(path: string, expected: string, value: unknown): Refusal {
  const issue = issueAt(path, expected, value);
  const message = `No event: \`${path || "body"}\` must be ${expected}, received ${issue.received}.`;
  return new Refusal("PAYLOAD_INVALID", message, { issues: [issue] });
}

function issueAt(path: string, expected: string, value: unknown): Issue {
  return { path, expected, received: value === "" ? "empty string" : jsonTypeOf(value) };
}

interface JsonObject {
  readonly [field: string]: unknown;
}

function isObject(value: unknown): value is JsonObject {
  return jsonTypeOf(value) === "object";
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
