import { once } from "node:events";
import { request } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createReceiver, type Inbox } from "@popp-webhooks/core";
import { fixture, signedRequest } from "@popp-webhooks/testing";
import { describeAdapter } from "@popp-webhooks/testing/adapter";
import { conformanceReceiver } from "@popp-webhooks/testing/conformance";
import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import { toFastifyPlugin } from "./index.ts";

describeAdapter("Fastify 5", async () => {
  const app = Fastify();
  await app.register(toFastifyPlugin(conformanceReceiver()), { prefix: "/webhooks" });
  app.post("/json", async (request) => request.body);
  const origin = await app.listen({ port: 0, host: "127.0.0.1" });
  const close = () => {
    app.server.closeAllConnections();
    return app.close();
  };
  return { url: `${origin}/webhooks`, jsonUrl: `${origin}/json`, shutDown: () => app.close(), close };
});

const secret = "the signing secret";

/** An inbox whose work goes on after the answer. */
const lending = (work: () => Promise<unknown>): Inbox => ({
  deliver: async (_delivery, _event, context) => {
    context.waitUntil?.(work());
    return { status: "accepted" };
  },
  reject: async () => {},
});

const delivery = (url: string) => signedRequest(fixture("CONVERSATION_STARTED"), { secret, url });

describe("toFastifyPlugin", () => {
  it("can be registered more than once and answers with and without a trailing slash", async () => {
    const app = Fastify({ forceCloseConnections: true });
    for (const prefix of ["/one", "/two"])
      await app.register(toFastifyPlugin(createReceiver({ secret, on: {} })), { prefix });
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    for (const path of ["/one", "/one/", "/two"])
      expect((await fetch(await delivery(`${origin}${path}`))).status).toBe(200);
    expect((await fetch(await delivery(`${origin}/three`))).status).toBe(404);
    await app.close();
  });

  it("lets the app's hooks and error handler refuse a request", async () => {
    const app = Fastify({ forceCloseConnections: true });
    app.addHook("preHandler", async () => {
      throw Object.assign(new Error("not from here"), { statusCode: 403 });
    });
    let calls = 0;
    await app.register(toFastifyPlugin(createReceiver({ secret, on: { CONVERSATION_STARTED: () => calls++ } })), {
      prefix: "/popp",
    });
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    expect((await fetch(await delivery(`${origin}/popp`))).status).toBe(403);
    expect(calls).toBe(0);
    await app.close();
  });

  it("waits on close for work after the answer", async () => {
    const ends: string[] = [];
    let finish = () => {};
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const inbox = lending(async () => {
      await work;
      ends.push("the work");
    });
    const app = Fastify({ forceCloseConnections: true });
    await app.register(toFastifyPlugin(createReceiver({ secret, inbox })), { prefix: "/popp" });
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    expect((await fetch(await delivery(`${origin}/popp`))).status).toBe(200);
    const closed = app.close().then(() => ends.push("the app"));
    // An app that does not wait has closed long before. A slow machine only makes the work end later.
    setTimeout(finish, 200);
    await closed;
    expect(ends).toEqual(["the work", "the app"]);
  });

  it("survives work that fails after the answer", async () => {
    const unheard: unknown[] = [];
    const hear = (cause: unknown) => void unheard.push(cause);
    process.on("unhandledRejection", hear);
    const inbox = lending(() => Promise.reject(new Error("the work failed")));
    const app = Fastify({ forceCloseConnections: true });
    await app.register(toFastifyPlugin(createReceiver({ secret, inbox })), { prefix: "/popp" });
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    expect((await fetch(await delivery(`${origin}/popp`))).status).toBe(200);
    await app.close();
    process.off("unhandledRejection", hear);
    expect(unheard).toEqual([]);
  });

  it("forgets settled work", async () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage: () => void = runInNewContext("gc");
    const results: WeakRef<object>[] = [];
    const inbox = lending(async () => {
      const result = {};
      results.push(new WeakRef(result));
      return result;
    });
    const app = Fastify({ forceCloseConnections: true });
    await app.register(toFastifyPlugin(createReceiver({ secret, inbox })), { prefix: "/popp" });
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    expect((await fetch(await delivery(`${origin}/popp`))).status).toBe(200);
    collectGarbage();
    expect(results.map((result) => result.deref())).toEqual([undefined]);
    await app.close();
  });

  it("passes every method to the receiver", async () => {
    const app = Fastify({ forceCloseConnections: true });
    await app.register(toFastifyPlugin(createReceiver({ secret, on: {} })), { prefix: "/popp" });
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    for (const method of app.supportedMethods.filter((known) => known !== "POST")) {
      const outgoing = request(`${origin}/popp`, { method, agent: false }).end();
      const [{ statusCode, headers }] = await once(outgoing, "response");
      expect([method, statusCode, headers.allow]).toEqual([method, 405, "POST"]);
    }
    await app.close();
  });
});
