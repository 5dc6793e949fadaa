import { createServer } from "node:net";

/** A server of a test's own, to be stopped and frozen. */
export interface OwnServer {
  readonly url: string;
  /** Ends it as a crash does, with every connection. */
  crash(): Promise<void>;
  /** Starts it again, on the same data and port. */
  start(): Promise<void>;
  /** Stops it where it is; connections stay open, and nobody answers. */
  freeze(): void;
  /** Lets it go on. */
  thaw(): void;
  end(): Promise<void>;
}

/** A port that nobody listens on. */
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
