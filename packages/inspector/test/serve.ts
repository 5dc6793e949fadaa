import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Inspector } from "../src/index.ts";

/** Serves an inspector on a free port of this machine. */
export async function serve(inspector: Inspector): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((request, response) => inspector.listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/ops/inspector`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
