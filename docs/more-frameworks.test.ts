import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createReceiver } from "@popp-webhooks/core";
import { toNodeListener } from "@popp-webhooks/express";
import { fixture, signedRequest } from "@popp-webhooks/testing";
import {
  createApp,
  createRouter,
  defineEventHandler,
  type EventHandler,
  toNodeListener as listenerOf,
  toWebRequest,
} from "h3";
import Koa from "koa";
import ts from "typescript";
import { describe, expect, it, onTestFinished } from "vitest";

const page = readFileSync(new URL("adapters/more-frameworks.md", import.meta.url), "utf8");
const secret = "the signing secret";

/** What the last `ts` block below a heading of the page exports, with its imports given. */
function recipe(heading: string, lines: string[]): Record<string, unknown> {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const code = [...section.matchAll(/```ts\n([\s\S]*?)```/g)].at(-1)?.[1] ?? "";
  const module = ts.ModuleKind.CommonJS;
  const target = ts.ScriptTarget.ES2022;
  const { outputText } = ts.transpileModule(code, { compilerOptions: { module, target, esModuleInterop: true } });
  const modules: Readonly<Record<string, object>> = {
    "@popp-webhooks/core": { createReceiver },
    "@popp-webhooks/express": { toNodeListener },
    koa: { __esModule: true, default: Koa },
    h3: { defineEventHandler, toWebRequest },
  };
  const exports = {};
  const log = (...words: unknown[]) => void lines.push(words.join(" "));
  new Function("exports", "require", "process", "console", outputText)(
    exports,
    (name: string) => modules[name],
    { env: { POPP_WEBHOOK_SECRET: secret } },
    { log },
  );
  return exports;
}

/** Listens on a free port, and gives the address of the webhook. */
async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/popp`;
}

type Send = (request: Request) => Promise<Response>;
type Post = (context: { request: Request }) => Promise<Response>;

const frameworks: readonly [string, (lines: string[]) => Promise<{ send: Send; url: string }>][] = [
  [
    "Koa",
    async (lines) => {
      const { app } = recipe("Koa", lines) as { app: Koa };
      return { send: fetch, url: await listen(app.callback()) };
    },
  ],
  [
    "h3 and Nuxt",
    async (lines) => {
      const route = recipe("h3 and Nuxt", lines).default as EventHandler;
      const app = createApp().use(createRouter().post("/webhooks/popp", route));
      return { send: fetch, url: await listen(listenerOf(app)) };
    },
  ],
  ...["TanStack Start", "Astro"].map((heading): (typeof frameworks)[number] => [
    heading,
    async (lines) => {
      const { POST } = recipe(heading, lines) as { POST: Post };
      return { send: (request) => POST({ request }), url: "http://127.0.0.1/webhooks/popp" };
    },
  ]),
];

describe.each(frameworks)("the recipe of %s", (_, start) => {
  it("answers as the receiver does", async () => {
    const lines: string[] = [];
    const { send, url } = await start(lines);
    const deliver = async (changes: object, signedWith = secret) => {
      const payload = { ...fixture("CONVERSATION_COMPLETED"), ...changes };
      const response = await send(await signedRequest(payload, { secret: signedWith, url }));
      return [response.status, await response.json()];
    };
    const error = (code: string) => ({ error: expect.objectContaining({ code }) });

    expect(await deliver({})).toEqual([200, { status: "handled" }]);
    expect(await deliver({})).toEqual([200, { status: "duplicate" }]);
    expect(await deliver({ eventId: "evt_large", padding: "é".repeat(100_000) })).toEqual([200, { status: "handled" }]);
    expect(await deliver({ padding: "x".repeat(2_000_000) })).toEqual([413, error("BODY_TOO_LARGE")]);
    expect(await deliver({}, "another secret")).toEqual([401, error("SIGNATURE_MISMATCH")]);
    // Two events: a duplicate is not handled again.
    expect(lines).toHaveLength(2);
  });
});
