/** Handles the events of a store for a while and reports the peak memory, or fills the store. */
import { createHash } from "node:crypto";
import { createInbox, type NewEvent } from "@popp-webhooks/inbox";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";

const [path = "", fill = "0", handle = "0"] = process.argv.slice(2);
const store = sqliteStore(path);

function newEvent(at: number): NewEvent {
  const eventId = `evt_${at}`;
  const key = createHash("sha256").update(eventId).digest("hex");
  const data = { recordId: eventId, organizationId: "org", padding: "x".repeat(300) };
  const event = { event: "ANALYSIS_CREATED", eventId, eventTimestamp: "2026-11-23T10:15:00.000Z", data };
  const nothing = { orderKey: null, orderAtMs: null, deadReason: null };
  const about = { recordId: eventId, tags: [at * 64], nameTag: 15 };
  const body = new TextEncoder().encode(JSON.stringify(event));
  return {
    ...nothing,
    ...about,
    key,
    source: "popp",
    eventId,
    name: "ANALYSIS_CREATED",
    hash: createHash("sha256").update(body).digest("hex"),
    body,
    headers: "{}",
  };
}

if (Number(fill) > 0) {
  await store.open();
  let next = 0;
  const lane = async () => {
    while (next < Number(fill)) await store.accept(newEvent(next++));
  };
  await Promise.all(Array.from({ length: 256 }, lane));
  await store.close();
} else {
  let [handled, over] = [0, () => {}];
  const enough = new Promise<void>((resolve) => {
    over = resolve;
  });
  const inbox = createInbox({
    store,
    on: {
      ANALYSIS_CREATED: () => {
        if (++handled === Number(handle)) over();
      },
    },
  });
  const startedAtMs = performance.now();
  inbox.start();
  await enough;
  const seconds = (performance.now() - startedAtMs) / 1_000;
  await inbox.close();
  process.send?.({ peakMb: process.resourceUsage().maxRSS / 1_024, perSecond: Number(handle) / seconds });
}
process.disconnect?.();
