/**
 * A process under test: a receiver with an inbox on a SQLite file. It reads its options, its defects among them, as JSON, and prints what
 * happens, one line of JSON each.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { createReceiver } from "@popp-webhooks/core";
import { createInbox, type InboxHandlerContext } from "../src/index.ts";
import { sqliteStore } from "../src/stores/sqlite/index.ts";
import { type Flaw, flawed } from "./flaws.ts";
import { stoppingClock } from "./stopping-clock.ts";

/** The options of a process under test. */
export interface WorkerOptions {
  readonly path: string;
  readonly secret: string;
  /** What handlers do. The `data.externalId` of an event can say otherwise. */
  readonly behavior: HandlerBehavior;
  readonly leaseMs: number;
  readonly flaw?: Flaw;
  readonly concurrency?: number;
  readonly maxAttempts?: number;
  readonly maxCrashes?: number;
  readonly slowMs?: number;
  readonly handlerTimeoutMs?: number;
  readonly pollMs?: number;
  /** Whether handlers ignore what the event says. */
  readonly isStubborn?: boolean;
  /** False for a process that only receives. */
  readonly handles?: boolean;
  /** The error of the process's clock. */
  readonly clockOffsetMs?: number;
  /** Whether its clock stops while it is frozen, so that the process cannot notice. */
  readonly clockStops?: boolean;
}

/** What a handler does. */
export type HandlerBehavior =
  | "nothing"
  | "effect"
  | "effect in tx"
  | "slow"
  | "wait until told"
  | "wait for abort"
  | "throw"
  | "reject"
  | "undefined"
  | "never"
  | "exit"
  | "kill";

const options: WorkerOptions = JSON.parse(process.argv[2] ?? "{}");
const {
  path,
  secret,
  behavior,
  leaseMs,
  flaw,
  concurrency = 16,
  maxAttempts = 8,
  maxCrashes = 8,
  slowMs = 0,
} = options;
const { handlerTimeoutMs = 600_000, pollMs = 50, handles = true, isStubborn = false, clockOffsetMs = 0 } = options;
const realNow = Date.now;
Date.now = () => realNow() + clockOffsetMs;
/** The signal that ends waiting handlers. */
const told = new Promise<void>((resolve) => process.once("SIGUSR2", () => resolve()));
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const database = new DatabaseSync(path);
const own = new DatabaseSync(path);
own.exec("PRAGMA busy_timeout = 5000");
const effect = "INSERT INTO effects (id, attempt) VALUES (?, ?)";

async function act(what: string, context: InboxHandlerContext<DatabaseSync>): Promise<unknown> {
  const { idempotencyKey: id, attempt, signal, tx } = context;
  switch (what) {
    case "effect":
      own.prepare(effect).run(id, attempt);
      return wait(1);
    case "effect in tx":
      await wait(1);
      return tx((db) => db.prepare(effect).run(id, attempt));
    case "slow":
      own.prepare(effect).run(id, attempt);
      return wait(slowMs);
    case "wait until told":
      own.prepare(effect).run(id, attempt);
      return told;
    case "wait for abort":
      own.prepare(effect).run(id, attempt);
      return new Promise<void>((resolve) =>
        signal.addEventListener("abort", () => {
          say({ aborted: id, reason: String(signal.reason?.name) });
          resolve();
        }),
      );
    case "throw":
      throw new Error("the handler throws, as it was told to");
    case "reject":
      return Promise.reject(new Error("the handler rejects, as it was told to"));
    case "undefined":
      throw undefined;
    case "never":
      return new Promise(() => {});
    case "exit":
      return process.exit(7);
    case "kill":
      return process.kill(process.pid, "SIGKILL");
    default:
      return undefined;
  }
}

const store = flawed(sqliteStore(database), database, flaw);
const inbox = createInbox({
  store,
  ...{ leaseMs, concurrency, maxAttempts, maxCrashes, handlerTimeoutMs, pollMs },
  ...(options.clockStops && { clock: stoppingClock() }),
  // A slow machine must not fail a call of the store.
  storeTimeoutMs: 60_000,
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
  server.closeIdleConnections();
  say({ closed: true });
});

inbox.start();
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => say({ port: (server.address() as AddressInfo).port }));
