import { type Catalog, type EventsOf, type Outcome, type VerifiedDelivery, WebhookError } from "@popp-webhooks/core";
import { type Plan, swallow } from "../inbox-config.ts";
import { sha256 } from "../lib/digest.ts";
import { escapeText } from "../lib/escape-text.ts";
import { eventKeyOf, idempotencyKeyOf, rejectedKeyOf } from "../lib/event-key.ts";
import { isUnrecognized } from "../lib/unrecognized.ts";
import type { Accepted, NewEvent } from "../ports/store.ts";
import { keptHeadersOf } from "./kept-headers.ts";

type AnyEvent = EventsOf<Catalog>;

/** An event on record, and what became of its delivery. */
export interface Taken {
  /** The event's key in the store. */
  readonly key: string;
  /** Whether it is new, and waits to be handled. */
  readonly isDue: boolean;
  /** How to answer. */
  readonly outcome: Outcome;
}

/** Takes a delivery on record: when it resolves, the store has it. */
export async function take(plan: Plan, delivery: VerifiedDelivery, event: AnyEvent): Promise<Taken> {
  const record = await newEventOf(plan, delivery, event);
  const headers: Readonly<Record<string, string>> = JSON.parse(record.headers);
  const [eventName, eventId, bodyBytes] = [nameOf(event), event.eventId ?? null, delivery.body.byteLength];
  const span = { operation: "receive", eventName, eventId, source: plan.source, bodyBytes, headers } as const;
  const accepted = await plan.telemetry.span(span, () => plan.store.accept(record));
  const { outcome, state } = accepted;
  if (outcome === "accepted")
    plan.tell({ state, eventId, eventName, attempt: 0, ...(record.buried !== null && { note: record.buried }) });
  return {
    key: record.key,
    isDue: outcome === "accepted" && state === "received",
    outcome: outcomeOf(plan, event, accepted),
  };
}

function outcomeOf(plan: Plan, event: AnyEvent, { outcome, state }: Accepted): Outcome {
  if (outcome !== "conflict") return { status: outcome };
  const { onConflict } = plan;
  if (onConflict === "reject")
    throw new WebhookError("DELIVERY_CONFLICT", "This event is on record with other bytes, and the first ones count.");
  if (onConflict) swallow(() => onConflict({ eventId: event.eventId ?? null, eventName: nameOf(event), state }));
  return { status: "duplicate", conflict: true };
}

/** Keeps what is genuine but no event, for audit. */
export async function refuse(plan: Plan, delivery: VerifiedDelivery, { code }: WebhookError): Promise<void> {
  const hash = await sha256(delivery.body);
  const { source, maxRejected } = plan;
  const key = await eventKeyOf(source, rejectedKeyOf(hash));
  const nothing = { eventId: null, name: "", orderKey: null, orderAtMs: null };
  const headers = keptHeadersOf(delivery.headers);
  await plan.store.reject({ ...nothing, key, source, hash, body: delivery.body, headers, buried: code }, maxRejected);
  plan.tell({ state: "rejected", eventId: null, eventName: "", attempt: 0, note: code });
}

async function newEventOf(
  plan: Plan,
  { body, headers, receivedAtMs }: VerifiedDelivery,
  event: AnyEvent,
): Promise<NewEvent> {
  const { source, keepEventsMs } = plan;
  const hash = await sha256(body);
  const eventId = event.eventId ?? null;
  const orderAtMs = Date.parse(event.eventTimestamp ?? "");
  const orderKey = Number.isNaN(orderAtMs) ? null : await orderKeyOf(plan, event);
  return {
    key: await eventKeyOf(source, idempotencyKeyOf(eventId, hash)),
    source,
    eventId: eventId === null ? null : escapeText(eventId),
    name: escapeText(nameOf(event)),
    hash,
    body,
    headers: keptHeadersOf(headers),
    orderKey,
    orderAtMs: orderKey === null ? null : orderAtMs,
    // Older than all that is remembered: it may have been handled and forgotten.
    buried: receivedAtMs - orderAtMs > keepEventsMs ? "too old" : null,
  };
}

/** A function of the user's that fails leaves the event unordered: it must not be refused for that. */
async function orderKeyOf({ order, source, fail }: Plan, event: AnyEvent): Promise<string | null> {
  try {
    const key = order?.keyOf(event);
    return typeof key === "string" && key !== "" ? await eventKeyOf(`order of ${source}`, key) : null;
  } catch (cause) {
    fail(
      new WebhookError("INTERNAL", "`order` failed: the event is kept, and handled without regard to others.", {
        cause,
      }),
    );
    return null;
  }
}

/** The name on the wire. */
function nameOf(event: AnyEvent): string {
  return isUnrecognized(event) ? event.name : String(event.event);
}
