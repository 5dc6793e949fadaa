/** The part of an ioredis client that a store needs: `new Redis()` and `new Cluster()` fit. */
export interface IoRedisClient {
  /** Sends a command, and returns every text of the reply as bytes. */
  callBuffer(command: string, ...args: (string | Uint8Array | number)[]): Promise<unknown>;
  /** The options of the client. */
  readonly options?: {
    /** Automatic pipelining is refused: with it, ioredis sends commands without their names. */
    readonly enableAutoPipelining?: boolean | undefined;
  };
}

/** The part of a node-redis client that a store needs: `createClient()` fits once it is connected. */
export interface NodeRedisClient {
  /** Sends a command. */
  sendCommand(args: readonly (string | Uint8Array)[], options?: { readonly typeMapping?: object }): Promise<unknown>;
  /** Whether the client can send commands. */
  readonly isOpen: boolean;
}

/** A Redis client that belongs to the user: ioredis or node-redis. */
export type RedisClient = IoRedisClient | NodeRedisClient;
