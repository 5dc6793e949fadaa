import { request } from "node:http";
import { Miniflare } from "miniflare";
import { afterAll, expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { started } from "./delivery.ts";
import { sign } from "./sign.ts";

const { text } = await bundle("slow-handler");
// Past Miniflare's own proxy, which would take what the client leaves behind.
const workerd = new Miniflare({
  modules: true,
  script: text,
  compatibilityDate: "2026-07-30",
  unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
});
const url = await workerd.unsafeGetDirectURL();
afterAll(() => workerd.dispose());

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function delivery(eventId: string) {
  const body = JSON.stringify(started(eventId));
  return { body, headers: { "x-signature": await sign(body) } };
}

/** Delivers, and hangs up while the handler runs; there once the handler would have ended. */
async function deliverAndHangUp(eventId: string): Promise<void> {
  const { body, headers } = await delivery(eventId);
  const sending = request(url, { method: "POST", headers: { ...headers, "content-length": Buffer.byteLength(body) } });
  sending.on("error", () => {}).end(body);
  await wait(100);
  sending.socket?.resetAndDestroy();
  await wait(500);
}

it("handles an event to its end when the client hangs up, and takes the next deliveries", async () => {
  // More than may be in flight: workerd stops a request whose client is gone, and what it held would stay taken.
  for (let at = 0; at < 4; at++) await deliverAndHangUp(`evt_${at}`);
  for (let at = 0; at < 4; at++) {
    const { body, headers } = await delivery(`evt_${at}`);
    const answer = await fetch(url, { method: "POST", headers, body });
    expect([answer.status, await answer.json()]).toEqual([200, { status: "duplicate" }]);
  }
});
