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

/** Called with the id of an event and which attempt it is. */
type Handler = (id: string, attempt: number) => unknown;

/** What a stage may be told. */
export interface StageOptions {
  /** What the worker's handlers do. */
  readonly handler?: Handler;
  /** How long an event may be due before it is woken for again. Default: an hour, which no test waits for. */
  readonly wakeGraceMs?: number;
  /** How many attempts an event gets. */
  readonly maxAttempts?: number;
}

/** A process that receives and one that works, on one SQLite file, with a queue between them. */
export function stage(
  queue: WakeQueue,
  { handler = () => {}, wakeGraceMs = 3_600_000, maxAttempts = 8 }: StageOptions,
) {
  const folder = mkdtempSync(join(tmpdir(), "popp-queues-"));
  const path = join(folder, "inbox.db");
  const runs: string[] = [];
  const errors: unknown[] = [];
  const shared = { queue, wakeGraceMs, maxAttempts, onError: (error: unknown) => errors.push(error) };
  const receiving: DurableInbox = createInbox({ ...shared, store: sqliteStore(path), on: "elsewhere" });
  const newWorking = (): DurableInbox =>
    createInbox({
      ...shared,
      store: sqliteStore(path),
      // What comes while an event is in hand comes back when the lease would end.
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
    /** The inbox of another process that works. */
    newWorking,
    /** The id of each event that a handler ran for, once per run. */
    runs,
    errors,
    /** Delivers an event, and says how it was answered. */
    async send(eventId: string): Promise<number> {
      const request = await signedRequest({ event: "SOMETHING_NEW", eventId, data: {} }, { secret });
      return (await receiver.fetch(request)).status;
    },
    /** Waits until so many events are done. */
    async untilDone(count: number, timeout = 60_000): Promise<void> {
      const done = async () => (await receiving.stats()).counts.done;
      await expect.poll(done, { timeout, interval: 20 }).toBe(count);
    },
    async close(): Promise<void> {
      await receiving.close();
      await working.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Delivers 20 events one after another. That none waits for the queue is tested with a clock of the test's own, in the inbox. */
export async function sendTwenty(send: (id: string) => Promise<number>): Promise<void> {
  for (let index = 0; index < 20; index++) expect(await send(`evt_${index}`)).toBe(200);
}

/** A port that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
