import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";

/** When a connection breaks: before the server gets the statement, or after it ran it and before the client gets the answer. */
type Place = "before the server has it" | "before its answer";

/** A proxy in front of a server that breaks a connection when a given text passes. */
export async function breakingProxy(url: string): Promise<{
  readonly url: string;
  /** Breaks the next connection that sends the text. */
  breakNext(place: Place, text: string): void;
  /** The number of broken connections. */
  broken(): number;
  close(): Promise<void>;
}> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  let planned: { readonly place: Place; readonly text: string } | undefined;
  let broken = 0;

  const server = createServer((client) => {
    const upstream = dial({ host: target.hostname, port: Number(target.port || 5432) });
    let isDoomed = false;
    const cut = () => {
      broken++;
      client.resetAndDestroy();
      upstream.end();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    }
    client.on("data", (chunk) => {
      if (planned !== undefined && chunk.includes(planned.text)) {
        const { place } = planned;
        planned = undefined;
        if (place === "before the server has it") return cut();
        isDoomed = true;
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (!isDoomed) client.write(chunk);
      // ReadyForQuery ends the answer to a statement, which is committed by then.
      else if (chunk.includes("Z\0\0\0\x05", 0, "latin1")) cut();
    });
    client.on("close", () => upstream.end());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const through = new URL(url);
  through.hostname = "127.0.0.1";
  through.port = String(port);
  return {
    url: through.href,
    breakNext: (place, text) => {
      planned = { place, text };
    },
    broken: () => broken,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
