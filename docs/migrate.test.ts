import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createReceiver } from "@popp-webhooks/core";
import { toExpressHandler } from "@popp-webhooks/express";
import { createInbox } from "@popp-webhooks/inbox";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import express from "express";
import { afterEach, describe, expect, it } from "vitest";

const page = readFileSync(new URL("guide/migrate.md", import.meta.url), "utf8");
const SECRET = "the signing secret";
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** What both handlers are given. */
interface Setting {
  readonly secret: string | undefined;
  readonly updateCandidate: () => Promise<void>;
}

/** The handler of the page, as it stands there. */
function handWritten({ secret, updateCandidate }: Setting): RequestListener {
  const [, block = ""] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  const code = `${block.replace(/^import .*$/gm, "")}\nreturn app;`;
  const make = new Function("createHmac", "express", "process", "updateCandidate", code);
  return make(createHmac, express, { env: { POPP_WEBHOOK_SECRET: secret } }, updateCandidate);
}

/** Step 2 of the page. */
function migrated({ secret, updateCandidate }: Setting): RequestListener {
  const inbox = createInbox({
    store: memoryStore(),
    retryBaseMs: 1,
    onError: () => {},
    on: { CONVERSATION_COMPLETED: updateCandidate },
  });
  inbox.start();
  closing.push(() => inbox.close());
  const receiver = createReceiver({ secret: () => secret, inbox, onError: () => {} });
  return express().post("/webhooks/popp", toExpressHandler(receiver));
}

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/popp`;
  return async (body: string, signature: string) => {
    const headers = { "content-type": "application/json", "x-signature": signature };
    const response = await fetch(url, { method: "POST", body, headers });
    return { status: response.status, text: await response.text() };
  };
}

const sign = (body: string) => createHmac("sha256", SECRET).update(body);
const hex = (body: string) => sign(body).digest("hex");
const event = (extra: object = {}) =>
  JSON.stringify({
    event: "CONVERSATION_COMPLETED",
    eventId: "evt_1",
    eventTimestamp: "2026-11-25T12:00:00Z",
    data: { recordId: "conv_1", organizationId: "org_1", ...extra },
  });
const spaced = event().replaceAll(",", ", ");
const odd = event({ scorecardTotalValue: 1 }).replace('Value":1', 'Value":1.0');
const escaped = event({ participantFirstName: "é" }).replace("é", "\\u00e9");
const large = event({ filler: "x".repeat(200_000) });

describe("the deliveries of the table", () => {
  it.each<[string, string, string, number, number]>([
    ["compact JSON", event(), hex(event()), 200, 200],
    ["spaces", spaced, hex(spaced), 401, 200],
    ["1.0", odd, hex(odd), 401, 200],
    ["an escape", escaped, hex(escaped), 401, 200],
    ["base64", event(), sign(event()).digest("base64"), 401, 200],
    ["capitals", event(), hex(event()).toUpperCase(), 401, 200],
    ["200 kB", large, hex(large), 413, 200],
    ["another body", event({ externalId: "2" }), hex(event()), 401, 401],
  ])("%s", async (_, body, signature, old, now) => {
    const setting = { secret: SECRET, updateCandidate: async () => {} };
    const statuses = [handWritten(setting), migrated(setting)].map(async (listener) => {
      const send = await serve(listener);
      return (await send(body, signature)).status;
    });
    expect(await Promise.all(statuses)).toEqual([old, now]);
  });

  it("without a secret, the old handler shows a stack trace", async () => {
    const setting = { secret: undefined, updateCandidate: async () => {} };
    const old = await (await serve(handWritten(setting)))(event(), hex(event()));
    expect([old.status, old.text.includes("node:internal")]).toEqual([500, true]);
    const now = await (await serve(migrated(setting)))(event(), hex(event()));
    expect([now.status, JSON.parse(now.text).error.code]).toEqual([500, "SECRET_MISSING"]);
  });

  it.each([
    ["twice before", handWritten, 2],
    ["once after", migrated, 1],
  ])("does the work of the same event %s", async (_, make, times) => {
    let runs = 0;
    const updateCandidate = async () => void runs++;
    const send = await serve(make({ secret: SECRET, updateCandidate }));
    await send(event(), hex(event()));
    await send(event(), hex(event()));
    await expect.poll(() => runs).toBe(times);
  });

  it("tries again what has failed", async () => {
    let runs = 0;
    const updateCandidate = async () => {
      if (++runs === 1) throw new Error("the ATS is down");
    };
    const send = await serve(migrated({ secret: SECRET, updateCandidate }));
    expect((await send(event(), hex(event()))).status).toBe(200);
    await expect.poll(() => runs).toBe(2);
  });
});
