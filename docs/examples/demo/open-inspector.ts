import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { DurableInbox } from "@popp-webhooks/inbox";
import { toInspector } from "@popp-webhooks/inspector";
import open from "open";

/** Serves the inspector on the demo's events, opens it in a browser, and resolves on Ctrl+C. */
export async function openInspector(inbox: DurableInbox): Promise<void> {
  const inspector = toInspector(inbox, {
    authorize: () => ({ name: "you", can: "act", body: "shown" }),
    environment: { name: "demo", color: "#2f6f4f" },
  });
  const server = createServer(inspector.listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  console.log(`\nThe inspector shows these events: ${url}\nCtrl+C ends it.`);
  // On a machine without a browser, the address above is enough.
  await open(url).catch(() => {});
  await new Promise((resolve) => process.once("SIGINT", resolve));
  server.close();
  server.closeAllConnections();
}
