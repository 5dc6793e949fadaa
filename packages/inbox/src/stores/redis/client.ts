/** The part of an ioredis client that a store needs: `new Redis()` and `new Cluster()` fit. */
export interface IoRedisClient {
  /** Sends a command, and returns every text of the reply as bytes. */
  callBuffer(command: string, ...args: (string | Uint8Array | number)[]): Promise<unknown>;
  /** The options of the client. */
  readonly options?: {
    /** Automatic pipelining is refused: with it, ioredis sends commands without their names. */
    readonly enableAutoPipelining?: boolean | undefined;
  };
  /** The state of the connection: `ready` when commands can be sent, `wait` before a lazy client has connected. */
  readonly status?: string;
  /** Connects a lazy client, which its first command does too. */
  connect?(): Promise<unknown>;
  /** Tells of each new connection. */
  on?(event: "ready", listener: () => void): unknown;
}

/** The part of a node-redis client that a store needs: `createClient()` fits. Connect it, or let it connect, before the first delivery. */
export interface NodeRedisClient {
  /** Sends a command. */
  sendCommand(args: readonly (string | Uint8Array)[], options?: { readonly typeMapping?: object }): Promise<unknown>;
  /** Whether the client was told to connect, and not to close. */
  readonly isOpen: boolean;
  /** Whether the client can send commands. */
  readonly isReady?: boolean;
  /** Tells of each new connection. */
  on?(event: "ready", listener: () => void): unknown;
}

/** A Redis client that belongs to the user: ioredis or node-redis. */
export type RedisClient = IoRedisClient | NodeRedisClient;
