import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import {
  IdempotencyConfig,
  IdempotencyItemAlreadyExistsError,
  IdempotencyItemNotFoundError,
  makeIdempotent,
} from "@aws-lambda-powertools/idempotency";
import { BasePersistenceLayer, type IdempotencyRecord } from "@aws-lambda-powertools/idempotency/persistence";
import { createNodeMiddleware, Webhooks } from "@octokit/webhooks";
import { createReceiver } from "@popp-webhooks/core";
import { toNodeListener } from "@popp-webhooks/express";
import { createInbox, type DurableInbox } from "@popp-webhooks/inbox";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import { sign } from "../deliveries.ts";
import { SECRET } from "./libraries.ts";

type Context = Parameters<IdempotencyConfig["registerLambdaContext"]>[0];

const event = { event: "CONVERSATION_STARTED", eventId: "evt_1", eventTimestamp: "2026-11-25T12:00:00Z" };
const text = JSON.stringify({ ...event, data: { recordId: "conv_1", organizationId: "org_1" } });

/** What a library is given that runs a handler: the handler, and how to send the same event once more. */
export interface Handling {
  readonly name: string;
  /** Sends the event `times` times, one after another, and waits until it is handled. Errors that reach the sender are ignored. */
  readonly send: (handler: () => Promise<void>, times: number) => Promise<void>;
}

const quietly = (work: Promise<unknown>) => work.then(() => {}).catch(() => {});

const ours: Handling = {
  name: "popp-webhooks",
  send: async (handler, times) => {
    const inbox = createInbox({
      store: memoryStore(),
      retryDelayMs: () => 0,
      onError: () => {},
      on: { CONVERSATION_STARTED: handler },
    });
    const receiver = createReceiver({ secret: SECRET, inbox });
    for (let at = 0; at < times; at++) {
      await receiver.receive({
        method: "POST",
        headers: { "x-signature": sign(text, SECRET) },
        body: Buffer.from(text),
      });
      while (await hasOpenEvents(inbox)) await inbox.sweep();
    }
    await inbox.close();
  },
};

async function hasOpenEvents(inbox: DurableInbox): Promise<boolean> {
  const { received, retry, processing } = (await inbox.stats()).counts;
  return received + retry + processing > 0;
}

const octokit: Handling = {
  name: "octokit",
  send: async (handler, times) => {
    const webhooks = new Webhooks({ secret: SECRET, log: { debug() {}, info() {}, warn() {}, error() {} } });
    webhooks.on("push", handler);
    const delivery = { id: "1", name: "push", payload: text, signature: `sha256=${sign(text, SECRET)}` };
    for (let at = 0; at < times; at++) await quietly(webhooks.verifyAndReceive(delivery));
  },
};

/** The persistence of Powertools in memory, instead of DynamoDB. */
class InMemory extends BasePersistenceLayer {
  readonly #records = new Map<string, IdempotencyRecord>();
  protected async _putRecord(record: IdempotencyRecord): Promise<void> {
    const { idempotencyKey } = record;
    if (this.#records.has(idempotencyKey)) throw new IdempotencyItemAlreadyExistsError("exists", record);
    this.#records.set(idempotencyKey, record);
  }
  protected async _getRecord(key: string): Promise<IdempotencyRecord> {
    const record = this.#records.get(key);
    if (record === undefined) throw new IdempotencyItemNotFoundError();
    return record;
  }
  protected async _updateRecord(record: IdempotencyRecord): Promise<void> {
    this.#records.set(record.idempotencyKey, record);
  }
  protected async _deleteRecord({ idempotencyKey }: IdempotencyRecord): Promise<void> {
    this.#records.delete(idempotencyKey);
  }
}

const powertools: Handling = {
  name: "Powertools",
  send: async (handler, times) => {
    const config = new IdempotencyConfig({});
    // It asks Lambda how much time is left.
    config.registerLambdaContext({ getRemainingTimeInMillis: () => 30_000 } as Context);
    const once = makeIdempotent(async (_event: { readonly id: string }) => handler(), {
      persistenceStore: new InMemory(),
      config,
    });
    for (let at = 0; at < times; at++) await quietly(once({ id: "evt_1" }));
  },
};

/** The libraries that run handlers. */
export const handlings: readonly Handling[] = [ours, octokit, powertools];

/** The status of a genuine body of 10 MB, over HTTP. */
export async function statusOfLargeBody(name: string): Promise<number | undefined> {
  const body = JSON.stringify({ event: "X", data: {}, filler: "x".repeat(10_000_000) });
  const signature = sign(body, SECRET);
  const receiver = createReceiver({ secret: SECRET, on: {}, onError: () => {} });
  const middleware = createNodeMiddleware(new Webhooks({ secret: SECRET }), { path: "/" });
  const listeners: Readonly<Record<string, RequestListener>> = {
    "popp-webhooks": toNodeListener(receiver),
    octokit: (request, response) => void middleware(request, response),
  };
  const listener = listeners[name];
  if (listener === undefined) return undefined;
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const headers = {
    "content-type": "application/json",
    "x-signature": signature,
    "x-hub-signature-256": `sha256=${signature}`,
    "x-github-event": "push",
    "x-github-delivery": "1",
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { status } = await fetch(url, { method: "POST", body, headers });
  server.closeAllConnections();
  server.close();
  return status;
}
