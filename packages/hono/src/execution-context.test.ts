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

it("lends waitUntil as a method of the execution context", async () => {
  const ctx = new ExecutionContext();

  const response = await app.request("/popp", oddDelivery(), {}, ctx);

  expect(response.status).toBe(200);
  expect(await ctx.kept).toContain("work after the answer");
});

it("lends nothing where there is no execution context, and does not stumble over it", async () => {
  lent.length = 0;

  const response = await app.request("/popp", oddDelivery());

  expect(response.status).toBe(200);
  expect(lent).toEqual(["undefined"]);
});
