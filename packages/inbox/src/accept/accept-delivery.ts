import {
  type Catalog,
  type EventsOf,
  eventTimeMs,
  isUnrecognized,
  type Outcome,
  type VerifiedDelivery,
  WebhookError,
} from "@popp-webhooks/core";
import { quietly } from "@popp-webhooks/core/internal";
import { sha256 } from "../event/digest.ts";
import { eventKeyOf, idempotencyKeyOf, rejectedKeyOf } from "../event/event-key.ts";
import { indexOf } from "../event/subject.ts";
import { nameTagOf } from "../event/tag.ts";
import type { InboxConfig } from "../inbox-config.ts";
import type { Accepted, NewEvent } from "../ports/stored-event.ts";
import { keptHeadersOf } from "./kept-headers.ts";

type AnyEvent = EventsOf<Catalog>;

/** What came of a delivery that the store has taken. */
export interface AcceptedDelivery {
  /** The event's key in the store. */
  readonly key: string;
  /** Whether the event is new and waits to be handled. */
  readonly isDue: boolean;
  /** How to answer. */
  readonly outcome: Outcome;
}

/** Stores the event of a delivery. When it resolves, the store has the event. */
export async function acceptDelivery(
  config: InboxConfig,
  delivery: VerifiedDelivery,
  event: AnyEvent,
): Promise<AcceptedDelivery> {
  const record = await newEventOf(config, delivery, event);
  const headers: Readonly<Record<string, string>> = JSON.parse(record.headers);
  const { eventId, name: eventName, recordId, deadReason } = record;
  const { source } = config;
  const span = {
    operation: "receive",
    eventName,
    eventId,
    source,
    bodyBytes: delivery.body.byteLength,
    headers,
  } as const;
  const accept = () => config.telemetry.span(span, () => config.store.accept(record));
  const accepted = await config.meter.delivery(eventName, accept);
  const { outcome, state } = accepted;
  if (outcome === "accepted")
    config.reportTransition({
      state,
      eventId,
      eventName,
      ...(recordId !== null && { recordId }),
      attempt: 0,
      ...(deadReason !== null && { note: deadReason }),
    });
  return {
    key: record.key,
    isDue: outcome === "accepted" && state === "received",
    outcome: outcomeOf(config, record, accepted),
  };
}

function outcomeOf({ onConflict }: InboxConfig, { eventId, name }: NewEvent, { outcome, state }: Accepted): Outcome {
  if (outcome !== "conflict") return { status: outcome };
  if (onConflict === "reject")
    throw new WebhookError(
      "DELIVERY_CONFLICT",
      "The store already holds an event with this id and a different body. The first body is kept.",
    );
  if (onConflict) quietly(() => onConflict({ eventId, eventName: name, state }));
  return { status: "duplicate", conflict: true };
}

/** Stores a genuine body that the receiver refuses, for audit. */
export async function recordRejected(
  config: InboxConfig,
  delivery: VerifiedDelivery,
  { code }: WebhookError,
): Promise<void> {
  const hash = await sha256(delivery.body);
  const { source, maxRejected } = config;
  const key = await eventKeyOf(source, rejectedKeyOf(hash));
  const nothing = { eventId: null, name: "", recordId: null, tags: [], orderKey: null, orderAtMs: null };
  const headers = keptHeadersOf(delivery.headers);
  const nameTag = nameTagOf(source, "");
  const record = { ...nothing, key, source, nameTag, hash, body: delivery.body, headers, deadReason: code };
  await config.meter.delivery("", async () => {
    await config.store.reject(record, maxRejected);
    return { outcome: "rejected" } as const;
  });
  config.reportTransition({ state: "rejected", eventId: null, eventName: "", attempt: 0, note: code });
}

async function newEventOf(
  config: InboxConfig,
  { body, headers, receivedAtMs }: VerifiedDelivery,
  event: AnyEvent,
): Promise<NewEvent> {
  const { source } = config;
  const hash = await sha256(body);
  const eventId = event.eventId ?? null;
  const orderAtMs = orderTimeOf(event, receivedAtMs);
  const orderKey = orderAtMs === null ? null : await orderKeyOf(config, event);
  const name = isUnrecognized(event) ? event.name : String(event.event);
  return {
    key: await eventKeyOf(source, idempotencyKeyOf(eventId, hash)),
    ...{ source, eventId, name, hash, body, orderKey },
    ...indexOf(config, name, event.data),
    headers: keptHeadersOf(headers),
    orderAtMs: orderKey === null ? null : orderAtMs,
    // Never by its timestamp: an old one says nothing about whether the event was handled before.
    deadReason: null,
  };
}

/** How far in the future a timestamp may be and still order its event, in milliseconds: one far ahead would supersede all that follow. */
const MAX_AHEAD_MS = 86_400_000;

function orderTimeOf(event: AnyEvent, receivedAtMs: number): number | null {
  const timeMs = eventTimeMs(event);
  return timeMs === undefined || timeMs > receivedAtMs + MAX_AHEAD_MS ? null : timeMs;
}

/** When the user's function fails, the event is accepted without an order instead of being refused. */
async function orderKeyOf({ order, source, reportError }: InboxConfig, event: AnyEvent): Promise<string | null> {
  try {
    const key = order?.keyOf(event);
    return typeof key === "string" && key !== "" ? await eventKeyOf(`order of ${source}`, key) : null;
  } catch (cause) {
    const message = "`order` failed. The event is accepted, and handled without an order.";
    reportError(new WebhookError("INTERNAL", message, { cause }));
    return null;
  }
}
