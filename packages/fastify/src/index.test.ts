import { createReceiver, type Inbox } from "@popp-webhooks/core";
import { fixture, signedRequest } from "@popp-webhooks/testing";
import { describeAdapter } from "@popp-webhooks/testing/adapter";
import { conformanceReceiver } from "@popp-webhooks/testing/conformance";
import Fastify from "fastify";
import { describe, expect, it } from "vitest";
import { toFastifyPlugin } from "./index.ts";

describeAdapter("Fastify 5", async () => {
  const app = Fastify({ forceCloseConnections: true });
  await app.register(toFastifyPlugin(conformanceReceiver()), { prefix: "/webhooks" });
  app.post("/json", async (request) => request.body);
  const origin = await app.listen({ port: 0, host: "127.0.0.1" });
  return { url: `${origin}/webhooks`, jsonUrl: `${origin}/json`, close: () => app.close() };
});

const secret = "the signing secret";
const delivery = (url: string) => signedRequest(fixture("CONVERSATION_STARTED"), { secret, url });

describe("toFastifyPlugin", () => {
  it("can be registered more than once, and answers with and without a slash at the end", async () => {
    const app = Fastify({ forceCloseConnections: true });
    for (const prefix of ["/one", "/two"])
      await app.register(toFastifyPlugin(createReceiver({ secret, on: {} })), { prefix });
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    for (const path of ["/one", "/one/", "/two"])
      expect((await fetch(await delivery(`${origin}${path}`))).status).toBe(200);
    expect((await fetch(await delivery(`${origin}/three`))).status).toBe(404);
    await app.close();
  });

  it("leaves it to the app's hooks and error handler to refuse a request", async () => {
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

  it("waits for work that outlived its answer when the app closes", async () => {
    let finished = false;
    const inbox: Inbox = {
      deliver: async (_delivery, _event, context) => {
        context.waitUntil?.(
          new Promise((resolve) => setTimeout(resolve, 100)).then(() => {
            finished = true;
          }),
        );
        return { status: "accepted" };
      },
      reject: async () => {},
    };
    const app = Fastify({ forceCloseConnections: true });
    await app.register(toFastifyPlugin(createReceiver({ secret, inbox })), { prefix: "/popp" });
    const origin = await app.listen({ port: 0, host: "127.0.0.1" });
    expect((await fetch(await delivery(`${origin}/popp`))).status).toBe(200);
    expect(finished).toBe(false);
    await app.close();
    expect(finished).toBe(true);
  });
});
