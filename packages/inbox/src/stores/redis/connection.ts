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

  if (isIoRedis(client) && client.options?.enableAutoPipelining)
    throw new WebhookError(
      "CONFIG_INVALID",
      "redisStore: with `enableAutoPipelining` ioredis leaves the names of commands out: pass `client.duplicate({ enableAutoPipelining: false })`.",
    );
  if (isIoRedis(client))
    return ([name, ...args]) => client.callBuffer(name, ...args.map(argument)).catch(rethrowWithoutCommand);
  if (isNodeRedis(client)) {
    const options = { typeMapping: { [BLOB_STRING]: Buffer, [MAP]: Array } };
    return (command) => client.sendCommand(command.map(argument), options);
  }
  throw new WebhookError(
    "CONFIG_INVALID",
    "redisStore: expected a client of ioredis, or one of node-redis (`createClient()`, connected).",
  );
}

/** The errors of ioredis carry the command that failed, and with it an event's body: nothing that a log should have. */
function rethrowWithoutCommand(error: unknown): never {
  if (error instanceof Error && "command" in error) delete error.command;
  throw error;
}

/** The clients take bytes in this form only, and bring the runtimes that have it. */
interface Host {
  readonly Buffer?: { from(bytes: ArrayBufferLike, offset: number, length: number): Uint8Array };
}

function isIoRedis(client: RedisClient): client is IoRedisClient {
  return typeof Object(client).callBuffer === "function";
}

/** Those of its clusters and sentinels take other arguments before the command. */
function isNodeRedis(client: RedisClient): client is NodeRedisClient {
  const { sendCommand } = Object(client);
  return typeof sendCommand === "function" && sendCommand.length <= 2;
}
