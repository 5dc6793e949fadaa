import { WebhookError } from "@popp-webhooks/core";
import type { IoRedisClient, NodeRedisClient, RedisClient } from "./client.ts";

/** An argument of a command. */
export type Argument = string | Uint8Array;

/** Sends a command. Texts of the reply come as bytes, and maps as lists. */
export type Send = (command: readonly [string, ...Argument[]]) => Promise<unknown>;

/** The reply types that node-redis maps, by their prefix in the Redis protocol. */
const [BLOB_STRING, MAP] = ["$".charCodeAt(0), "%".charCodeAt(0)];

/** Recognizes a client by its methods, so that no client is imported. */
export function sendThrough(client: RedisClient): Send {
  const { Buffer } = globalThis as Host;
  if (Buffer === undefined)
    throw new WebhookError("CONFIG_INVALID", "redisStore needs a runtime with `Buffer`, as the Redis clients do.");
  const argument = (value: Argument) =>
    typeof value === "string" ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);

  if (isIoRedis(client) && client.options?.enableAutoPipelining)
    throw new WebhookError(
      "CONFIG_INVALID",
      "redisStore: with `enableAutoPipelining`, ioredis sends commands without their names. Pass `client.duplicate({ enableAutoPipelining: false })`.",
    );
  if (isIoRedis(client))
    return ([name, ...args]) => client.callBuffer(name, ...args.map(argument)).catch(rethrowWithoutCommand);
  if (isNodeRedis(client)) {
    const options = { typeMapping: { [BLOB_STRING]: Buffer, [MAP]: Array } };
    return (command) => client.sendCommand(command.map(argument), options);
  }
  throw new WebhookError(
    "CONFIG_INVALID",
    "redisStore: expected a client of ioredis, or a connected client of node-redis (`createClient()`).",
  );
}

/** Errors of ioredis contain the command, and with it an event's body, which must not reach a log. */
function rethrowWithoutCommand(error: unknown): never {
  if (error instanceof Error && "command" in error) delete error.command;
  throw error;
}

/** The clients accept bytes only as a Buffer, and run only where there is one. */
interface Host {
  readonly Buffer?: { from(bytes: ArrayBufferLike, offset: number, length: number): Uint8Array };
}

function isIoRedis(client: RedisClient): client is IoRedisClient {
  return typeof Object(client).callBuffer === "function";
}

/** `sendCommand` of node-redis clusters and sentinels has other arguments first, so those clients are not accepted. */
function isNodeRedis(client: RedisClient): client is NodeRedisClient {
  const { sendCommand } = Object(client);
  return typeof sendCommand === "function" && sendCommand.length <= 2;
}
