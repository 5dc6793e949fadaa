import { WebhookError } from "@popp-webhooks/core";
import type { IoRedisClient, NodeRedisClient, RedisClient } from "./client.ts";

/** An argument of a command. */
export type Argument = string | Uint8Array;

/** A command: its name and its arguments. */
export type Command = readonly [string, ...Argument[]];

/** Sends a command. Texts of the reply come as bytes, and maps as lists. */
type SendOnce = (command: Command) => Promise<unknown>;

/** A client as the store uses it, whichever of the two it is. */
export interface Connection {
  readonly send: SendOnce;
  /** Why no command can be sent now, in one sentence; undefined when one can. Makes a lazy client connect. */
  readonly obstacle: () => string | undefined;
  /** How often the client has connected, each time perhaps to another server. */
  readonly count: () => number;
}

/** The reply types that node-redis maps, by their prefix in the Redis protocol. */
const [BLOB_STRING, MAP] = ["$".charCodeAt(0), "%".charCodeAt(0)];

/** Recognizes a client by its methods, so that no client is imported. */
export function connectionOf(client: RedisClient): Connection {
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
  const count = connectionsOf(client);
  if (isIoRedis(client))
    return {
      send: ([name, ...args]) => client.callBuffer(name, ...args.map(argument)).catch(rethrowWithoutCommand),
      obstacle: () => obstacleOfIoRedis(client),
      count,
    };
  if (isNodeRedis(client)) {
    const options = { typeMapping: { [BLOB_STRING]: Buffer, [MAP]: Array } };
    return {
      send: (command) => client.sendCommand(command.map(argument), options),
      obstacle: () => obstacleOfNodeRedis(client),
      count,
    };
  }
  throw new WebhookError(
    "CONFIG_INVALID",
    "redisStore: expected a client of ioredis, or of node-redis (`createClient()`).",
  );
}

/** Errors of ioredis contain the command, and with it an event's body, which must not reach a log. */
function rethrowWithoutCommand(error: unknown): never {
  if (error instanceof Error && "command" in error) delete error.command;
  throw error;
}

function obstacleOfIoRedis(client: IoRedisClient): string | undefined {
  const { status = "ready" } = client;
  if (status === "ready") return undefined;
  if (status === "wait") client.connect?.().catch(() => {});
  return `The Redis client is not connected: its status is \`${status}\`. Its \`error\` events say why.`;
}

function obstacleOfNodeRedis({ isOpen, isReady = isOpen }: NodeRedisClient): string | undefined {
  if (isReady) return undefined;
  return isOpen
    ? "The Redis client is not connected. Its `error` events say why."
    : "The Redis client is not connected: call `await client.connect()`.";
}

/** One listener for each client, however many stores use it. */
const connections = new WeakMap<RedisClient, { count: number }>();

function connectionsOf(client: RedisClient): () => number {
  const known = connections.get(client);
  const counted = known ?? { count: 0 };
  if (known === undefined && (isIoRedis(client) || isNodeRedis(client))) {
    connections.set(client, counted);
    client.on?.("ready", () => void counted.count++);
  }
  return () => counted.count;
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
