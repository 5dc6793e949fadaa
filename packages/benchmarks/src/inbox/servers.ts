import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReceiver } from "@popp-webhooks/core";
import { toNodeListener } from "@popp-webhooks/express";
import { createInbox, type InboxStore } from "@popp-webhooks/inbox";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { SECRET } from "../deliveries.ts";

/** The same receiver and inbox on two stores. Neither handles its events: a slow store would delay that work and look faster. */
export const servers = {
  memory: () => listening(memoryStore({ maxEvents: Number.MAX_SAFE_INTEGER })),
  SQLite: () => {
    const folder = mkdtempSync(join(tmpdir(), "popp-bench-"));
    process.on("exit", () => rmSync(folder, { recursive: true }));
    return listening(sqliteStore(join(folder, "inbox.db")));
  },
} satisfies Record<string, () => Promise<number>>;

function listening<Tx>(store: InboxStore<Tx>): Promise<number> {
  const inbox = createInbox({ store, on: { ANALYSIS_CREATED: () => {} } });
  const server = createServer(toNodeListener(createReceiver({ secret: SECRET, inbox })));
  // Safe: a server that listens on a host has an address.
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}
