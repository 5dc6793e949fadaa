import { createReceiver, type Inbox } from "@popp-webhooks/core";
import { Hono } from "hono";
import { expect, it } from "vitest";
import { oddDelivery, SECRET } from "../test/delivery.ts";
import { toHonoHandler } from "./index.ts";

/** Says whether it was lent anything for the time after the answer. */
const lent: unknown[] = [];
const inbox: Inbox = {
  deliver: async (_delivery, _event, context) => {
    lent.push(typeof context.waitUntil);
    context.waitUntil?.(Promise.resolve("work after the answer"));
    return { status: "accepted" };
  },
  reject: async () => {},
};
const app = new Hono().post("/popp", toHonoHandler(createReceiver({ secret: SECRET, inbox })));

/** Like a Worker's own, it cannot be used apart from its object. */
class ExecutionContext {
  readonly #kept: Promise<unknown>[] = [];
  readonly props = {};
  readonly exports = {};
  waitUntil(promise: Promise<unknown>): void {
    this.#kept.push(promise);
  }
  passThroughOnException(): void {}
  get kept(): Promise<unknown[]> {
    return Promise.all(this.#kept);
  }
}

it("passes waitUntil as a method of the execution context", async () => {
  const ctx = new ExecutionContext();

  const response = await app.request("/popp", oddDelivery(), {}, ctx);

  expect(response.status).toBe(200);
  expect(await ctx.kept).toContain("work after the answer");
});

it("passes nothing when there is no execution context", async () => {
  lent.length = 0;

  const response = await app.request("/popp", oddDelivery());

  expect(response.status).toBe(200);
  expect(lent).toEqual(["undefined"]);
});

/** Counts how often the execution context is asked for, in apps whose platform has none. */
async function readsIn(envs: readonly (object | undefined)[]): Promise<number> {
  let reads = 0;
  const counting = new Hono();
  const handler = toHonoHandler(createReceiver({ secret: SECRET, on: {} }));
  counting.post("/popp", (c) => {
    Object.defineProperty(c, "executionCtx", {
      get: () => {
        reads++;
        throw new Error("This context has no ExecutionContext");
      },
    });
    return handler(c);
  });
  for (const env of envs) expect((await counting.request("/popp", oddDelivery(), env)).status).toBe(200);
  return reads;
}

it("is not read on Node, where it always throws", async () => {
  expect(await readsIn([{ incoming: {}, outgoing: {} }])).toBe(0);
});

it.each<[string, () => object]>([
  ["Deno.serve", () => ({ remoteAddr: {}, completed: {} })],
  ["AWS Lambda", () => ({ event: {}, requestContext: {}, lambdaContext: {} })],
  ["Netlify", () => ({ context: {} })],
])("is asked for once under %s, which has none", async (_, envOfRequest) => {
  expect(await readsIn([envOfRequest(), envOfRequest(), envOfRequest()])).toBe(1);
});

it("is recognized in a Worker's environment, also after a request without one", async () => {
  lent.length = 0;
  const env = { POPP_WEBHOOK_SECRET: SECRET };
  await app.request("/popp", oddDelivery(), env);
  await app.request("/popp", oddDelivery(), env, new ExecutionContext());
  expect(lent).toEqual(["undefined", "function"]);
});

it("is recognized in a Worker with a binding named like a property of another platform", async () => {
  lent.length = 0;
  for (let requests = 0; requests < 2; requests++)
    await app.request("/popp", oddDelivery(), { context: {} }, new ExecutionContext());
  expect(lent).toEqual(["function", "function"]);
});
