/**
 * A process under test: a receiver with an inbox on a server's store. It reads its options as JSON, and prints what happens, one line of JSON
 * each.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createReceiver } from "@popp-webhooks/core";
import { createInbox, type InboxHandlerContext, LeaseLostError } from "../src/index.ts";
import { PATIENCE_MS, type ServerStore, serverStoreOf } from "./server-store.ts";
import { stoppingClock } from "./stopping-clock.ts";

/** The options of a process under test. */
export interface ServerWorkerOptions extends ServerStore {
  readonly secret: string;
  /** What handlers do. The `data.externalId` of an event can say otherwise. */
  readonly behavior: ServerBehavior;
  readonly leaseMs: number;
  readonly concurrency?: number;
  readonly maxAttempts?: number;
  readonly pollMs?: number;
  /** False for a process that only receives. */
  readonly handles?: boolean;
  /** Whether handlers ignore what the event says. */
  readonly isStubborn?: boolean;
  /** Whether its clock stops while it is frozen, so that the process cannot notice. */
  readonly clockStops?: boolean;
  readonly flaw?: ServerFlaw;
}

/** A defect for the store, to show that the tests find it. */
export type ServerFlaw = "hears no refusal";

/** What a handler does after it has reported that it runs. */
export type ServerBehavior = "nothing" | "wait until told" | "wait for abort" | "throw";

/** The lines of a process under test: each holds some of these fields. */
export interface ServerLine {
  /** The port; in the first line. */
  readonly port?: number;
  /** A handler runs for this event. */
  readonly ran?: string;
  readonly attempt?: number;
  /** The signal of this handler was aborted, and why. */
  readonly aborted?: string;
  readonly reason?: string;
  /** An event is done or dead. */
  readonly state?: string;
  readonly eventId?: string | null;
  /** The process has closed its inbox as it was told. */
  readonly closed?: boolean;
}

const options: ServerWorkerOptions = JSON.parse(process.argv[2] ?? "{}");
const { secret, behavior, leaseMs, concurrency = 16, maxAttempts = 8, pollMs = 50 } = options;
const { handles = true, isStubborn = false, clockStops = false, isPatient = false, flaw } = options;
/** The signal that ends waiting handlers. */
const told = new Promise<void>((resolve) => process.once("SIGUSR2", () => resolve()));
const say = (line: ServerLine) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function act(what: string, { idempotencyKey, attempt, signal }: InboxHandlerContext<unknown>): Promise<void> {
  say({ ran: idempotencyKey, attempt });
  switch (what) {
    case "wait until told":
      return told;
    case "throw":
      throw new Error("the handler throws, as it was told to");
    case "wait for abort":
      return new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => {
          say({
            aborted: idempotencyKey,
            reason: signal.reason instanceof LeaseLostError ? "LeaseLostError" : "another",
          });
          resolve();
        }),
      );
  }
}

const { store, end } = await serverStoreOf(options);
if (flaw === "hears no refusal") {
  const settle = store.settle.bind(store);
  store.renew = async () => true;
  store.settle = async (...settlement) => {
    await settle(...settlement);
    return true;
  };
}
const inbox = createInbox({
  store,
  ...{ leaseMs, concurrency, maxAttempts, pollMs },
  ...(clockStops && { clock: stoppingClock() }),
  ...(isPatient && { storeTimeoutMs: PATIENCE_MS }),
  retryBaseMs: 20,
  retryMaxMs: 100,
  on: handles
    ? {
        CONVERSATION_STARTED: (event, context) => act((isStubborn ? null : event.data.externalId) ?? behavior, context),
      }
    : "elsewhere",
  onTransition: ({ state, eventId, attempt }) => {
    if (state === "done" || state === "dead") say({ state, eventId, attempt });
  },
});
const receiver = createReceiver({ secret, inbox });
const server = createServer(async (request, response) => {
  const { status, headers, body } = await receiver.receive({
    method: request.method ?? "",
    headers: request.headers,
    body: request,
  });
  response.writeHead(status, headers).end(body);
});

process.on("SIGTERM", async () => {
  server.close();
  await inbox.close();
  await end();
  server.closeIdleConnections();
  say({ closed: true });
});

inbox.start();
server.keepAliveTimeout = 60_000;
// A server that listens on TCP has an address with a port.
server.listen(0, "127.0.0.1", () => say({ port: (server.address() as AddressInfo).port }));
