import { type Issue, jsonTypeOf } from "../errors/issue.ts";
import { Refusal } from "../errors/refusal.ts";
import type { PoppEnvelope } from "../events/envelope.ts";
import type { AnyEvent, Catalog } from "../events/event.ts";
import type { VerifiedBody } from "../verify/verified-body.ts";
import { decodeJson } from "./decode-json.ts";
import { SchemaMismatch, validatorFor } from "./validate.ts";

/** How many issues one event lists. A long list that fails everywhere would fill logs and records, and the first ones say enough. */
const MAX_ISSUES = 20;

/**
 * Turns verified bytes into a typed event.
 *
 * Refuses only a body that is not a JSON object. A body that is not an event, an unknown name, and data that does not fit the catalog
 * become an {@link UnrecognizedEvent}, because the body is genuine.
 */
export function parse(body: VerifiedBody, catalog: Catalog): AnyEvent | Refusal {
  const decoded = decodeJson(body);
  if (decoded instanceof Refusal) return decoded;
  const envelope = decoded.json;
  if (!isObject(envelope)) return notAnObject(envelope);
  const { event: name, eventId, eventTimestamp, data } = envelope;
  const isEvent = isText(name) && isObject(data);

  const validate = isEvent ? validatorFor(catalog, name) : undefined;
  const validated = validate && isEvent ? validate(data) : data;
  if (validate && !(validated instanceof SchemaMismatch) && isComplete(envelope)) {
    return validated === data ? envelope : { ...envelope, data: validated };
  }
  const issues = [...envelopeIssues(envelope), ...(validated instanceof SchemaMismatch ? validated.issues : [])];
  return {
    event: "UNRECOGNIZED",
    name: isText(name) ? name : "",
    reason: validate ? "mismatch" : isEvent ? "unknown-event" : "not-an-event",
    issues: issues.slice(0, MAX_ISSUES),
    eventId: isText(eventId) ? eventId : undefined,
    eventTimestamp: typeof eventTimestamp === "string" ? eventTimestamp : undefined,
    data: isObject(data) ? data : {},
  };
}

/** Whether an envelope has everything that Popp's current documents promise. */
function isComplete(envelope: JsonObject): envelope is JsonObject & PoppEnvelope<string, unknown> {
  return envelopeIssues(envelope).length === 0;
}

/** Where an envelope does not fit. An empty `eventId` does not fit: all events that have it would count as one. */
function envelopeIssues({ event, data, eventId, eventTimestamp }: JsonObject): readonly Issue[] {
  const issues: Issue[] = [];
  if (!isText(event)) issues.push(issueAt("event", NON_EMPTY, event));
  if (!isObject(data)) issues.push(issueAt("data", "object", data));
  if (!isText(eventId)) issues.push(issueAt("eventId", NON_EMPTY, eventId));
  if (typeof eventTimestamp !== "string") issues.push(issueAt("eventTimestamp", "string", eventTimestamp));
  return issues;
}

const NON_EMPTY = "non-empty string";

function notAnObject(json: unknown): Refusal {
  const issue = issueAt("", "object", json);
  const message = `The body is genuine, but not a JSON object: received ${issue.received}.`;
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
