import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { createReceiver } from "@popp-webhooks/core";
import type { DurableInbox, EnqueueOptions, EventRef } from "@popp-webhooks/inbox";
import { cloudflareQueue } from "@popp-webhooks/queues/cloudflare";
import { beforeEach, describe, expect, it } from "vitest";
import "./env.ts";
import { receivingInbox, seen } from "./worker.ts";

const secret = "the signing secret";
const encoder = new TextEncoder();

beforeEach(() => {
  seen.runs.length = 0;
  seen.errors.length = 0;
  seen.acked.length = 0;
});

async function signedRequest(payload: object): Promise<Request> {
  const body = encoder.encode(JSON.stringify(payload));
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  const signature = Array.from(new Uint8Array(await crypto.subtle.sign("HMAC", key, body)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  return new Request("https://worker.example/", { method: "POST", body, headers: { "x-signature": signature } });
}

/** Delivers an event, waits for what `waitUntil` was lent, and says how the event was answered. */
async function deliver(inbox: DurableInbox, eventId: string, data: object = {}): Promise<number> {
  const ctx = createExecutionContext();
  const request = await signedRequest({ event: "SOMETHING_NEW", eventId, data });
  const { status } = await createReceiver({ secret, inbox }).fetch(request, ctx);
  await waitOnExecutionContext(ctx);
  return status;
}

const idsOf = (count: number) => Array.from({ length: count }, (_, index) => `evt_${index}_${crypto.randomUUID()}`);

async function untilDone(inbox: DurableInbox, ids: readonly string[]): Promise<void> {
  const open = async () => {
    const records = await Promise.all(ids.map((id) => inbox.get(id)));
    return records.filter((record) => record?.state !== "done").length;
  };
  await expect.poll(open, { interval: 100 }).toBe(0);
}

describe("an inbox with a Cloudflare Queue, in workerd", () => {
  it("the consumer handles 200 events, each exactly once", async () => {
    const [inbox, ids] = [receivingInbox(env), idsOf(200)];
    for (const id of ids) expect(await deliver(inbox, id)).toBe(200);
    await untilDone(inbox, ids);
    expect([...seen.runs].sort()).toEqual([...ids].sort());
    expect(seen.errors).toEqual([]);
    expect(seen.inboxes).toBe(1);
    expect(seen.batches).toBeGreaterThan(1);
  });

  it("retries only the failed event of a batch, when the inbox says", async () => {
    const [inbox, [failing = "", ...others]] = [receivingInbox(env), idsOf(5)];
    await Promise.all([deliver(inbox, failing, { failures: 2 }), ...others.map((id) => deliver(inbox, id))]);
    await untilDone(inbox, [failing, ...others]);
    expect([...seen.runs].sort()).toEqual([failing, failing, failing, ...others].sort());
    expect(await inbox.get(failing)).toMatchObject({ attempts: 3 });
  });

  it("handles an event once if its message is delivered three times", async () => {
    const refs: EventRef[] = [];
    const queue = cloudflareQueue(env.QUEUE);
    const inbox = receivingInbox(env, {
      queue: {
        enqueue: async (ref: EventRef) => {
          refs.push(ref);
          for (const _ of [1, 2, 3]) await queue.enqueue(ref);
        },
      },
    });
    const ids = idsOf(10);
    for (const id of ids) await deliver(inbox, id, { sleepMs: 50 });
    await untilDone(inbox, ids);
    const keys = new Set(refs.map(({ key }) => key));
    await expect.poll(() => seen.acked.filter((key) => keys.has(key)).length).toBe(30);
    expect([...seen.runs].sort()).toEqual([...ids].sort());
    expect([refs.length, seen.errors]).toEqual([10, []]);
  });

  it("handles events with lost messages after a sweep and not without", async () => {
    const dropping = receivingInbox(env, { queue: { enqueue: async () => {} } });
    const ids = idsOf(30);
    for (const id of ids) expect(await deliver(dropping, id)).toBe(200);
    const sweeping = receivingInbox(env, { wakeGraceMs: 1 });
    const [last = ""] = idsOf(1);
    await deliver(sweeping, last);
    await untilDone(sweeping, [last]);
    expect(seen.runs).toEqual([last]);
    expect(await sweeping.sweep()).toMatchObject({ done: 0, woken: 30 });
    await untilDone(sweeping, ids);
    expect([...seen.runs].sort()).toEqual([...ids, last].sort());
  });

  it.each<[string, () => Promise<unknown>]>([
    ["fails", () => Promise.reject(new Error("Queue sends are currently disabled"))],
    ["hangs", () => new Promise(() => {})],
  ])("answers before the queue does when the queue %s", async (_, settle) => {
    const errors: string[] = [];
    let answered = () => {};
    const hasAnswered = new Promise<void>((resolve) => {
      answered = resolve;
    });
    const send = () => hasAnswered.then(settle);
    const inbox = receivingInbox(env, {
      queue: cloudflareQueue({ send }),
      onError: ({ code }: { code: string }) => errors.push(code),
    });
    const [id = ""] = idsOf(1);
    const request = await signedRequest({ event: "SOMETHING_NEW", eventId: id, data: {} });
    const ctx = createExecutionContext();
    const { status } = await createReceiver({ secret, inbox }).fetch(request, ctx);
    // Had the answer waited for the queue, its timeout would have been reported by now.
    expect([status, errors]).toEqual([200, []]);
    answered();
    await waitOnExecutionContext(ctx);
    expect([errors, (await inbox.get(id))?.state]).toEqual([["STORE_UNAVAILABLE"], "received"]);
  });

  it("handles events with unusual ids, which never enter the queue", async () => {
    const inbox = receivingInbox(env);
    const ids = ["\0", "\ud800", "12345", "a:b", "0:x", "0", " ", "'; --", "x".repeat(10_240), "constructor"];
    for (const id of ids) expect(await deliver(inbox, id)).toBe(200);
    await untilDone(inbox, ids);
    expect([...seen.runs].sort()).toEqual([...ids].sort());
    expect(seen.errors).toEqual([]);
  });

  it("handles a redriven event at once although its message is delayed", async () => {
    const [id = ""] = idsOf(1);
    const refs: EventRef[] = [];
    const queue = cloudflareQueue(env.QUEUE);
    const inbox = receivingInbox(env, {
      queue: {
        enqueue: async (ref: EventRef, options?: EnqueueOptions) => {
          refs.push(ref);
          await queue.enqueue(ref, options);
        },
      },
    });
    await deliver(inbox, id, { deaths: 1 });
    const isDead = async () => (await inbox.get(id))?.state === "dead";
    await expect.poll(isDead).toBe(true);
    for (const ref of refs.splice(0)) await queue.enqueue(ref, { delayMs: 3_600_000 });
    expect(await inbox.redrive(id)).toEqual({ redriven: 1 });
    await untilDone(inbox, [id]);
    expect(seen.runs).toEqual([id, id]);
  });

  it("skips messages that are not references", async () => {
    const [inbox, [id = ""]] = [receivingInbox(env), idsOf(1)];
    for (const poison of [null, "evt_1", 5, { source: "popp", key: "\0" }]) await env.QUEUE.send(poison);
    await deliver(inbox, id);
    await untilDone(inbox, [id]);
    await expect.poll(() => seen.errors).toEqual(Array(4).fill("PAYLOAD_INVALID"));
  });

  it("a sweep sends a new message for an event whose message used up its retries", async () => {
    const inbox = receivingInbox(env, { queue: cloudflareQueue(env.IMPATIENT), wakeGraceMs: 1 });
    const [id = "", next = ""] = idsOf(2);
    await deliver(inbox, id, { failures: 1 });
    await expect.poll(async () => (await inbox.get(id))?.state).toBe("retry");
    await deliver(inbox, next);
    await untilDone(inbox, [next]);
    expect((await inbox.get(id))?.state).toBe("retry");
    const stateAfterSweep = async () => {
      await inbox.sweep();
      return (await inbox.get(id))?.state;
    };
    await expect.poll(stateAfterSweep).toBe("done");
    expect(seen.runs.filter((run) => run === id)).toEqual([id, id]);
  });
});
