import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { createReceiver } from "@popp-webhooks/core";
import { fixture, signedRequest } from "@popp-webhooks/testing";
import type { NextApiRequest, NextApiResponse } from "next";
import { expect, it } from "vitest";
import { toNextApiHandler } from "./index.ts";

const secret = "the signing secret";

/** Answers one genuine delivery behind a host that reads the body first and leaves what `leave` makes of its bytes. */
async function answerBehind(leave: (bytes: Buffer) => object): Promise<string> {
  const handle = toNextApiHandler(createReceiver({ secret, on: {}, onError: () => {} }));
  const server = createServer(async (request: IncomingMessage, response) => {
    const read = Object.assign(request, leave(await buffer(request)));
    await handle(read as NextApiRequest, response as NextApiResponse);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const response = await fetch(await signedRequest(fixture("CONVERSATION_COMPLETED"), { secret, url }));
  server.closeAllConnections();
  server.close();
  const { status, error } = (await response.json()) as { status?: string; error?: { code: string } };
  return `${response.status} ${status ?? error?.code}`;
}

it.each<[string, (bytes: Buffer) => object, string]>([
  ["rawBody, beside a parsed body", (rawBody) => ({ rawBody, body: JSON.parse(`${rawBody}`) }), "200 unhandled"],
  ["rawBody alone", (rawBody) => ({ rawBody }), "200 unhandled"],
  ["body as bytes", (body) => ({ body }), "200 unhandled"],
  ["rawBody as text", (bytes) => ({ rawBody: `${bytes}`, body: {} }), "500 BODY_CONSUMED"],
  ["a parsed body", (bytes) => ({ body: JSON.parse(`${bytes}`) }), "500 BODY_CONSUMED"],
])("takes exact bytes only, where a host keeps %s", async (_, leave, expected) => {
  expect(await answerBehind(leave)).toBe(expected);
});
