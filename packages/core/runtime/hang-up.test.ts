import { once } from "node:events";
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

async function delivery(eventId: string) {
  const body = JSON.stringify(started(eventId));
  return { body, headers: { "x-signature": await sign(body) } };
}

async function deliver(eventId: string): Promise<[status: number, body: unknown]> {
  const { body, headers } = await delivery(eventId);
  const answer = await fetch(url, { method: "POST", headers, body });
  return [answer.status, await answer.json()];
}

let sent = 0;

/** Delivers an event, hangs up while its handler runs, and returns its id. A duplicate that is refused as busy shows that it runs. */
async function deliverAndHangUp(): Promise<string> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const eventId = `evt_${sent++}`;
    const { body, headers } = await delivery(eventId);
    const length = { "content-length": Buffer.byteLength(body) };
    const sending = request(url, { method: "POST", headers: { ...headers, ...length } });
    sending.on("error", () => {}).end(body);
    await once(sending, "finish");
    const [status] = await deliver(eventId);
    sending.socket?.resetAndDestroy();
    if (status === 503) return eventId;
  }
  throw new Error("no duplicate of 20 was refused while its event was handled");
}

it("finishes handling when the client disconnects, and accepts later deliveries", async () => {
  // More than may be in flight: workerd stops a request whose client is gone, and what it held would stay taken.
  for (let at = 0; at < 4; at++) {
    const eventId = await deliverAndHangUp();
    await expect.poll(() => deliver(eventId)).toEqual([200, { status: "duplicate" }]);
  }
});
