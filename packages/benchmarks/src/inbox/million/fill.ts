import { createInbox, type DurableInbox, type InboxStore } from "@popp-webhooks/inbox";
import { eventNames } from "@popp-webhooks/testing";
import type { Engine } from "./engines.ts";
import { deliveryOf } from "./population.ts";

const IN_FLIGHT = 256;

/** What an inbox with this store is opened with: slow calls are measured, and not refused. */
const PATIENT = { storeTimeoutMs: 600_000, onError: () => {} } as const;

/** An inbox that handles nothing, and its store. */
export interface Opened {
  readonly inbox: DurableInbox;
  readonly store: InboxStore<unknown>;
}

/** Opens an inbox that handles nothing. */
export async function opened(engine: Engine): Promise<Opened> {
  const store = engine.store();
  await store.open();
  return { store, inbox: createInbox({ ...PATIENT, store, on: "elsewhere" }) };
}

/** Delivers the events with these numbers. Returns how many were accepted in a second. */
export async function fill(
  inbox: DurableInbox,
  [from, to, total]: readonly [number, number, number],
  progress: (done: number) => void,
): Promise<number> {
  let next = from;
  const lane = async () => {
    while (next < to) {
      const at = next++;
      if (at % 1_000 === 0) progress(at - from);
      const { delivery, event } = deliveryOf(at, total);
      await inbox.deliver(delivery, event, {});
    }
  };
  const startedAtMs = performance.now();
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  return ((to - from) * 1_000) / (performance.now() - startedAtMs);
}

/** Handles so many events, of which so many become dead. Returns how many were handled in a second. */
export async function handle(
  { store }: Engine,
  { events, dead }: { readonly events: number; readonly dead: number },
  progress: (done: number) => void,
): Promise<number> {
  let handled = 0;
  let over = () => {};
  const enough = new Promise<void>((resolve) => {
    over = resolve;
  });
  const everyDead = Math.floor(events / dead);
  const handler = () => {
    handled++;
    if (handled % 1_000 === 0) progress(handled);
    if (handled >= events) over();
    if (handled % everyDead === 0 && handled <= dead * everyDead) throw new Error("the record is gone");
  };
  const on = Object.fromEntries(eventNames.map((name) => [name, handler]));
  const inbox = createInbox({ ...PATIENT, store: store(), on, maxAttempts: 1, concurrency: 256 });
  const startedAtMs = performance.now();
  inbox.start();
  await enough;
  const seconds = (performance.now() - startedAtMs) / 1_000;
  await inbox.close();
  return events / seconds;
}
