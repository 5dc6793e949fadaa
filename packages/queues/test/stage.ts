import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReceiver } from "@popp-webhooks/core";
import { createInbox, type DurableInbox, type WakeQueue } from "@popp-webhooks/inbox";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { signedRequest } from "@popp-webhooks/testing";
import { expect } from "vitest";

const secret = "the signing secret";

/** A handler that receives the event's id and the number of the attempt. */
type Handler = (id: string, attempt: number) => unknown;

/** The options of a stage. */
export interface StageOptions {
  /** The worker's handler. */
  readonly handler?: Handler;
  /** How long an event may be overdue before a new message is sent. Default: one hour, longer than any test. */
  readonly wakeGraceMs?: number;
  /** The maximum attempts of an event. */
  readonly maxAttempts?: number;
}

/** Starts a receiving inbox and a working inbox on one SQLite file, with a queue between them. */
export function stage(
  queue: WakeQueue,
  { handler = () => {}, wakeGraceMs = 3_600_000, maxAttempts = 8 }: StageOptions,
) {
  const folder = mkdtempSync(join(tmpdir(), "popp-queues-"));
  const path = join(folder, "inbox.db");
  const runs: string[] = [];
  const errors: unknown[] = [];
  const shared = {
    ...{ queue, wakeGraceMs, maxAttempts },
    // A slow machine must not fail a call of the store.
    storeTimeoutMs: 60_000,
    onError: (error: unknown) => errors.push(error),
  };
  const receiving: DurableInbox = createInbox({ ...shared, store: sqliteStore(path), on: "elsewhere" });
  const newWorking = (): DurableInbox =>
    createInbox({
      ...shared,
      store: sqliteStore(path),
      // A message that arrives while its event is being handled is delayed until the lease would end.
      leaseMs: 5_000,
      retryBaseMs: 40,
      retryMaxMs: 80,
      on: {
        UNRECOGNIZED: async (_, { idempotencyKey, attempt }) => {
          runs.push(idempotencyKey);
          await handler(idempotencyKey, attempt);
        },
      },
    });
  const working = newWorking();
  const receiver = createReceiver({ secret, inbox: receiving });

  return {
    path,
    receiving,
    working,
    /** Creates the inbox of another worker process. */
    newWorking,
    /** The event id of each handler run. */
    runs,
    errors,
    /** Delivers an event and returns the status of the answer. */
    async send(eventId: string): Promise<number> {
      const request = await signedRequest({ event: "SOMETHING_NEW", eventId, data: {} }, { secret });
      return (await receiver.fetch(request)).status;
    },
    /** Waits until this many events are done. */
    async untilDone(count: number): Promise<void> {
      const done = async () => (await receiving.stats()).counts.done;
      await expect.poll(done, { interval: 20 }).toBe(count);
    },
    async close(): Promise<void> {
      await receiving.close();
      await working.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Delivers 20 events one after another. The inbox's own tests check that none waits for the queue. */
export async function sendTwenty(send: (id: string) => Promise<number>): Promise<void> {
  for (let index = 0; index < 20; index++) expect(await send(`evt_${index}`)).toBe(200);
}

/** A port without a listener. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
