/** A Worker with a receiver and an inbox, as a user would write it. The events say what its handler does. */
import { env } from "cloudflare:workers";
import { createReceiver, type UnrecognizedEvent } from "@popp-webhooks/core";
import { createInbox, type InboxStore, latestOnly } from "@popp-webhooks/inbox";
import { d1Store } from "@popp-webhooks/inbox/d1";
import { durableObjectStore } from "@popp-webhooks/inbox/durable-object";
import "./env.ts";

export { PoppInboxObject } from "@popp-webhooks/inbox/durable-object";

const store = env.STORE === "d1" ? d1Store(env.DB) : durableObjectStore(env.POPP_INBOX);

// Created outside a request, where Workers allow no timers, random numbers or I/O.
const inbox = createInbox({
  store: slowlyOpened(store, env.SLOW_OPEN_MS ?? 0),
  storeTimeoutMs: env.SLOW_OPEN_MS === undefined ? 30_000 : 500,
  leaseMs: 1_000,
  handlerTimeoutMs: 1_000,
  retryBaseMs: 1,
  order: latestOnly((event) => event.data.order),
  on: { UNRECOGNIZED: (event, { attempt }) => act(event, attempt) },
});
const receiver = createReceiver({ secret: "a secret", maxInFlight: 2_000, inbox });

let opened = 0;

/** Opens slowly for the first time, as a sleeping database does. */
function slowlyOpened<Tx>(store: InboxStore<Tx>, delayMs: number): InboxStore<Tx> {
  let delay = delayMs;
  const open = async () => {
    const thisDelay = delay;
    delay = 0;
    opened++;
    if (thisDelay > 0) await new Promise((resolve) => setTimeout(resolve, thisDelay));
    await store.open();
  };
  return { ...store, open };
}

async function act(event: UnrecognizedEvent, attempt: number): Promise<void> {
  await env.DB.prepare("INSERT INTO runs (event) VALUES (?)").bind(event.eventId).run();
  const { failures = 0, sleepMs = 0, hangs = 0 } = event.data;
  if (typeof hangs === "number" && attempt <= hangs) await new Promise(() => {});
  if (typeof sleepMs === "number" && sleepMs > 0) await new Promise((resolve) => setTimeout(resolve, sleepMs));
  if (typeof failures === "number" && attempt <= failures) throw new Error("the handler fails, as it was told to");
}

export default {
  async fetch(request, _env, ctx) {
    switch (new URL(request.url).pathname) {
      case "/webhook":
        return receiver.fetch(request, ctx);
      // Without waitUntil: the event waits for a sweep.
      case "/webhook/later":
        return receiver.fetch(request, {});
      case "/opened":
        return Response.json(opened);
      case "/sweep":
        return Response.json(await inbox.sweep());
      case "/record": {
        const { body: _, ...record } = (await inbox.get(await request.text())) ?? {};
        return Response.json(record);
      }
      case "/runs":
        return Response.json((await env.DB.prepare("SELECT event FROM runs").all()).results.map(({ event }) => event));
      default:
        await env.DB.exec("CREATE TABLE runs (event)");
        return new Response("ready");
    }
  },
  async scheduled() {
    await inbox.sweep();
  },
} satisfies ExportedHandler;
