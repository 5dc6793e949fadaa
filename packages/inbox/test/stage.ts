import { createHmac } from "node:crypto";
import { createReceiver, type DeliveryOutcome, type PoppEvents } from "@popp-webhooks/core";
import { expect } from "vitest";
import {
  type CreateInboxOptions,
  createInbox,
  type DurableInbox,
  type InboxStore,
  type Transition,
} from "../src/index.ts";
import { memoryStore } from "../src/stores/memory/index.ts";

const secret = "the signing secret";

/** An event as Popp sends it. */
export function eventOf(eventId: unknown, overrides: object = {}) {
  return {
    event: "CONVERSATION_STARTED",
    eventId,
    eventTimestamp: new Date().toISOString(),
    data: { recordId: "conv_1", organizationId: "org_1" },
    ...overrides,
  };
}

type Options<Tx> = Omit<Partial<CreateInboxOptions<PoppEvents, Tx>>, "catalog">;

/** A receiver with an inbox that retries quickly, and a record of all its transitions. */
export function stage<Tx = never>(
  { store = memoryStore(), on = {}, ...options }: Options<Tx> = {},
  onRefused?: (message: string) => unknown,
) {
  const transitions: Transition[] = [];
  const outcomes: DeliveryOutcome[] = [];
  const inbox: DurableInbox = createInbox({
    store,
    on,
    pollMs: 10,
    // A slow machine must not fail a call of the store.
    storeTimeoutMs: 60_000,
    ...(options.retryDelayMs === undefined && { retryBaseMs: 1, retryMaxMs: 2 }),
    onTransition: (transition) => transitions.push(transition),
    ...options,
  });
  const receiver = createReceiver({
    secret,
    inbox,
    onDelivery: (outcome) => outcomes.push(outcome),
    ...(onRefused && { onError: ({ message }) => onRefused(message) }),
  });
  async function send(
    event: unknown,
    context?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<number> {
    const body = typeof event === "string" ? event : JSON.stringify(event);
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    const request = new Request("http://localhost/", {
      method: "POST",
      body,
      headers: { "x-signature": signature, authorization: "Bearer x", traceparent: "00-1-2-01", ...headers },
    });
    return (await receiver.fetch(request, context)).status;
  }
  const until = (state: string, count = 1) =>
    expect
      .poll(() => transitions.filter((one) => one.state === state).length, { interval: 5 })
      .toBeGreaterThanOrEqual(count);
  return { inbox, send, transitions, outcomes, until, states: () => transitions.map(({ state }) => state) };
}

/** Copies a store's methods into an object, so that a test can replace some. */
export function proxied<Tx = never>(store: InboxStore<Tx>): InboxStore<Tx> {
  return {
    durability: store.durability,
    open: () => store.open(),
    accept: (event) => store.accept(event),
    reject: (event, cap) => store.reject(event, cap),
    claim: (request) => store.claim(request),
    correctDueTimes: (source) => store.correctDueTimes(source),
    renew: (lease, leaseMs) => store.renew(lease, leaseMs),
    settle: (lease, settlement) => store.settle(lease, settlement),
    transact: (lease, work) => store.transact(lease, work),
    newestDone: (orderKey) => store.newestDone(orderKey),
    get: (key) => store.get(key),
    list: (query) => store.list(query),
    overdue: (query) => store.overdue(query),
    dueInMs: (key) => store.dueInMs(key),
    redrive: (keys, force) => store.redrive(keys, force),
    erase: (keys) => store.erase(keys),
    pause: (source, name) => store.pause(source, name),
    resume: (source, name) => store.resume(source, name),
    stats: (source) => store.stats(source),
    timeline: (query) => store.timeline(query),
    unindexed: (source, limit) => store.unindexed(source, limit),
    index: (entries) => store.index(entries),
    prune: (request) => store.prune(request),
    close: () => store.close(),
  };
}
