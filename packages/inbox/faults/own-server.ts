import { createServer } from "node:net";

/** A server for one test, which can be stopped and frozen. */
export interface OwnServer {
  readonly url: string;
  /** Kills the server with all its connections, as a crash does. */
  crash(): Promise<void>;
  /** Restarts the server with the same data and port. */
  start(): Promise<void>;
  /** Freezes the server: connections stay open and get no answers. */
  freeze(): void;
  /** Resumes the server. */
  thaw(): void;
  end(): Promise<void>;
}

/** An unused port. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
