import { WebhookError } from "@popp-webhooks/core";
import type { IoRedisClient, NodeRedisClient, RedisClient } from "./client.ts";

/** What a command is made of. */
export type Argument = string | Uint8Array;

/** Sends a command; texts of the reply come as bytes, and maps as lists. */
export type Send = (command: readonly [string, ...Argument[]]) => Promise<unknown>;

/** Types of Redis' protocol, as node-redis names them: by the character that stands before them. */
const [BLOB_STRING, MAP] = ["$".charCodeAt(0), "%".charCodeAt(0)];

/** Tells the clients apart by what they can do, so that neither is imported. */
export function sendThrough(client: RedisClient): Send {
  const { Buffer } = globalThis as Host;
  if (Buffer === undefined)
    throw new WebhookError("CONFIG_INVALID", "redisStore takes a runtime that has `Buffer`, as its clients do.");
  const argument = (value: Argument) =>
    typeof value === "string" ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);

  if (isIoRedis(client)) return ([name, ...args]) => client.callBuffer(name, ...args.map(argument));
  if (isNodeRedis(client)) {
    const options = { typeMapping: { [BLOB_STRING]: Buffer, [MAP]: Array } };
    return (command) => client.sendCommand(command.map(argument), options);
  }
  throw new WebhookError(
    "CONFIG_INVALID",
    "redisStore: expected a client of ioredis, or one of node-redis (`createClient()`, connected).",
  );
}

/** The clients take bytes in this form only, and bring the runtimes that have it. */
interface Host {
  readonly Buffer?: { from(bytes: ArrayBufferLike, offset: number, length: number): Uint8Array };
}

function isIoRedis(client: RedisClient): client is IoRedisClient {
  return typeof Object(client).callBuffer === "function";
}

function isNodeRedis(client: RedisClient): client is NodeRedisClient {
  return typeof Object(client).sendCommand === "function";
}
