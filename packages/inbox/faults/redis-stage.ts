import { createReceiver } from "@popp-webhooks/core";
import { Redis } from "ioredis";
import type { TestContext } from "vitest";
import { createInbox, type DurableInbox, type Transition } from "../src/index.ts";
import { type RedisClient, redisStore } from "../src/stores/redis/index.ts";
import { SECRET, signedEvent } from "./delivery.ts";
import { DURABLE, type OwnRedis, ownRedis } from "./own-redis.ts";
import { type ServerStore, serverStoreOf } from "./server-store.ts";

/** Both clients. */
export const CLIENTS: readonly ServerStore["kind"][] = ["redis", "node-redis"];

/** What happened in an inbox. */
interface RedisStage {
  readonly inbox: DurableInbox;
  /** Delivers an event and returns the status. */
  deliver(id: string): Promise<number>;
  /** What the inbox has told the operator. */
  readonly told: string[];
  /** What the receiver has told the operator of deliveries that it refused. */
  readonly refused: string[];
  readonly transitions: Transition[];
  /** The outcomes of deliveries. */
  readonly outcomes: string[];
}

/** An inbox on a store of a client. */
function redisStageOn(
  store: Parameters<typeof createInbox>[0]["store"],
  { onTestFinished }: Pick<TestContext, "onTestFinished">,
): RedisStage {
  const [told, refused, outcomes]: [string[], string[], string[]] = [[], [], []];
  const transitions: Transition[] = [];
  const inbox = createInbox({
    store,
    pollMs: 50,
    alarmAfterMs: 2 ** 31 - 1,
    on: { CONVERSATION_STARTED: () => {} },
    onTransition: (transition) => transitions.push(transition),
    onError: ({ message }) => told.push(message),
  });
  onTestFinished(() => inbox.close());
  const receiver = createReceiver({
    secret: SECRET,
    inbox,
    onError: ({ message }) => refused.push(message),
    onDelivery: ({ status }) => outcomes.push(status),
  });
  const deliver = async (id: string) => {
    const { body, signature } = signedEvent(id);
    const request = new Request("http://localhost/", { method: "POST", headers: { "x-signature": signature }, body });
    return (await receiver.fetch(request)).status;
  };
  return { inbox, deliver, told, refused, transitions, outcomes };
}

/** An inbox on a client of the test's own. */
export function redisStageThrough(client: RedisClient, context: Pick<TestContext, "onTestFinished">): RedisStage {
  return redisStageOn(redisStore(client), context);
}

interface OwnRedisStage extends RedisStage {
  readonly server: OwnRedis;
  /** The operator's client. */
  readonly admin: Redis;
}

/** An inbox on a Redis for this test. */
export async function redisStageOf(
  context: Pick<TestContext, "onTestFinished">,
  {
    kind = "redis",
    settings = DURABLE,
    ...where
  }: Partial<ServerStore> & { readonly settings?: readonly string[] } = {},
): Promise<OwnRedisStage> {
  const server = await ownRedis(settings);
  context.onTestFinished(() => server.end());
  const admin = new Redis(server.url);
  admin.on("error", () => {});
  context.onTestFinished(() => admin.disconnect());
  const { store, end } = await serverStoreOf({ kind, url: server.url, namespace: "popp", ...where });
  context.onTestFinished(end);
  return { server, admin, ...redisStageOn(store, context) };
}
