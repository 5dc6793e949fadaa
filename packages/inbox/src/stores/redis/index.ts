/**
 * A store in Redis, through ioredis or node-redis.
 *
 * @packageDocumentation
 */

import { checkOptions } from "@popp-webhooks/core/internal";
import type { InboxStore } from "../../ports/store.ts";
import type { RedisClient } from "./client.ts";
import { connectionOf } from "./connection.ts";
import { RedisStore } from "./redis-store.ts";

export type { IoRedisClient, NodeRedisClient, RedisClient } from "./client.ts";

/** The options of {@link redisStore}. */
export interface RedisStoreOptions {
  /** The prefix of every key, in braces, so that all keys are in one slot of a cluster. Default: `"popp"`. */
  readonly prefix?: string;
  /**
   * Accepts a server that may lose acknowledged events: one without an append-only file, or one that evicts keys. Default: false, and such a server is
   * refused.
   */
  readonly allowDataLoss?: boolean;
  /** How many calls may wait for Redis. More are refused with `STORE_UNAVAILABLE`. Default: 2 000. */
  readonly maxPendingCalls?: number;
  /**
   * Whether the store may create its keys and bring those of an earlier version up to date. With `false` such a store is refused with
   * `STORE_UNAVAILABLE`, and nothing is written: for tools that look into the store of a running app. Default: true.
   */
  readonly migrate?: boolean;
}

/**
 * Creates a store in Redis with your client: ioredis or node-redis. It needs Redis 5 or newer, an append-only file and
 * `maxmemory-policy noeviction` or a `volatile` policy. It looks at these settings and its keys while it is open, and refuses deliveries within 5 seconds
 * after they became unsafe.
 *
 * Its `durability` is known after its first use: `power-loss` with `appendfsync always`; `process` with `everysec`, which loses up to about a second in
 * a power cut. It changes with the settings of the server. It has no transactions, so `tx` of a handler rejects.
 *
 * Erased events are gone from the memory at once. The append-only file has them until the server rewrites it, which `BGREWRITEAOF` does now.
 *
 * By default a client waits forever when the server is down. For ioredis, set `enableOfflineQueue: false`, `maxRetriesPerRequest: 0` and
 * `commandTimeout`. For node-redis, set `disableOfflineQueue: true`.
 *
 * @param client - the client. Closing the store does not close it
 * @param options - the prefix of the keys, and what is accepted of the server
 * @throws WebhookError `CONFIG_INVALID` when the client is none of these, or an option is not usable
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { redisStore } from "@popp-webhooks/inbox/redis";
 * import { Redis } from "ioredis";
 *
 * const client = new Redis({ enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 2_000 });
 * const inbox = createInbox({
 *   store: redisStore(client),
 *   on: { CONVERSATION_COMPLETED: (event) => console.log(event.data.conversationStatus) },
 * });
 * inbox.start();
 * ```
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): InboxStore {
  checkOptions("redisStore", options, RULES);
  const { prefix = "popp", allowDataLoss = false, maxPendingCalls = 2_000, migrate = true } = options;
  return new RedisStore(connectionOf(client), { prefix: `{${prefix}}`, allowDataLoss, maxPendingCalls, migrate });
}

const RULES = {
  prefix: {
    expected: "a name without braces",
    accepts: (prefix: unknown) => typeof prefix === "string" && prefix !== "" && !/[{}]/.test(prefix),
  },
  allowDataLoss: "boolean",
  maxPendingCalls: { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true },
  migrate: "boolean",
} as const;
