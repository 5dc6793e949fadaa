import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { freePort } from "./own-server.ts";

/** A proxy before a server, which does to connections what networks do. */
interface NetworkProxy {
  readonly port: number;
  /** Breaks the present connections when something is sent through them next, as a network does that has forgotten idle ones. */
  forget(): void;
  /** Lets the server do what is sent next with these bytes in it, and breaks the connection instead of passing the answer on. */
  loseAnswerTo(bytes: string): void;
  /** Connects to another server from now on. Present connections stay. */
  moveTo(port: number): void;
  end(): Promise<void>;
}

/** Starts a proxy before the server at a port. */
export async function proxyBefore(serverPort: number): Promise<NetworkProxy> {
  let [target, lost]: [number, string | undefined] = [serverPort, undefined];
  const forgotten = new Set<Socket>();
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    clients.add(client);
    let isLosing = false;
    client.on("data", (chunk) => {
      if (forgotten.has(client)) {
        client.resetAndDestroy();
        return;
      }
      isLosing ||= lost !== undefined && chunk.includes(lost);
      if (isLosing) lost = undefined;
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => (isLosing ? client.resetAndDestroy() : client.write(chunk)));
    client.on("error", () => {}).on("close", () => upstream.destroy() && clients.delete(client));
    upstream.on("error", () => {}).on("close", () => client.destroy());
  });
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    port,
    forget: () => {
      for (const client of clients) forgotten.add(client);
    },
    loseAnswerTo: (bytes) => {
      lost = bytes;
    },
    moveTo: (port) => {
      target = port;
    },
    end: async () => {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
