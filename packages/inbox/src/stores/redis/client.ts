/** The part of an ioredis client that is used: `new Redis()` and `new Cluster()` fit as they are. */
export interface IoRedisClient {
  /** Sends a command, and gives every text of the reply as bytes. */
  callBuffer(command: string, ...args: (string | Uint8Array | number)[]): Promise<unknown>;
  /** How it was set up. */
  readonly options?: {
    /** Whether it gathers commands itself, by which it loses their names: refused. */
    readonly enableAutoPipelining?: boolean | undefined;
  };
}

/** The part of a node-redis client that is used: `createClient()` fits as it is, once it is connected. */
export interface NodeRedisClient {
  /** Sends a command. */
  sendCommand(args: readonly (string | Uint8Array)[], options?: { readonly typeMapping?: object }): Promise<unknown>;
  /** Whether it may be sent commands. */
  readonly isOpen: boolean;
}

/** A client of Redis that stays yours: ioredis or node-redis. */
export type RedisClient = IoRedisClient | NodeRedisClient;
