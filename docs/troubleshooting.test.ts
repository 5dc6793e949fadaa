import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { createReceiver, type Receiver } from "@popp-webhooks/core";
import { toExpressHandler, toNodeListener } from "@popp-webhooks/express";
import { signedRequest } from "@popp-webhooks/testing";
import express from "express";
import { afterEach, describe, expect, it } from "vitest";

const secret = "the signing secret";
const page = readFileSync(new URL("guide/troubleshooting.md", import.meta.url), "utf8");
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

const ignore = () => {};
const receiver = (options: { readonly secret: string } = { secret }): Receiver =>
  createReceiver({ ...options, on: { CONVERSATION_OPTED_OUT: ignore }, onError: ignore });

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  closing.push(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/popp`;
}

describe("the delivery with curl", () => {
  const [, script = ""] = /```sh\n([\s\S]*?)```/.exec(page) ?? [];
  /** Runs the block of the page as a reader would paste it, against another port. */
  async function paste(url: string): Promise<string> {
    const { stdout } = await promisify(execFile)("sh", ["-c", script.replace(/(?<=POPP_URL=)'.*'/, `'${url}'`)]);
    return stdout;
  }

  it("is accepted, and is a duplicate the second time", async () => {
    const url = await serve(toNodeListener(receiver()));
    expect(await paste(url)).toBe('{"status":"handled"}\n200\n');
    expect(await paste(url)).toBe('{"status":"duplicate"}\n200\n');
  });

  it("is refused by an app with another secret", async () => {
    const url = await serve(toNodeListener(receiver({ secret: "another" })));
    expect(await paste(url)).toMatch(/"code":"SIGNATURE_MISMATCH"[\s\S]*\n401\n$/);
  });
});

describe("works with curl, not with Popp", () => {
  it.each([
    ["application/x-www-form-urlencoded", 200],
    ["application/json", 500],
  ])("behind express.json(), a delivery of %s is answered with %i", async (type, status) => {
    const url = await serve(express().use(express.json()).post("/webhooks/popp", toExpressHandler(receiver())));
    const body = JSON.stringify({ event: "CONVERSATION_OPTED_OUT", data: {} });
    const request = await signedRequest(body, { secret, url, headers: { "content-type": type } });
    expect((await fetch(request)).status).toBe(status);
  });
});
