import { createReceiver } from "@popp-webhooks/core";
import { Hono } from "hono";
import { expect, it, vi } from "vitest";
import { oddDelivery, SECRET } from "../test/delivery.ts";
import { toHonoHandler } from "./index.ts";

interface AppEnv {
  Bindings: { POPP_WEBHOOK_SECRET: string };
}

function appThatCounts() {
  const make = vi.fn((secret: string) => createReceiver({ secret, on: {} }));
  const app = new Hono<AppEnv>().post(
    "/popp",
    toHonoHandler<AppEnv>((c) => make(c.env?.POPP_WEBHOOK_SECRET ?? SECRET)),
  );
  app.onError((_error, c) => c.body(null, 500));
  const deliver = async (env?: object) => (await app.request("/popp", oddDelivery(), env)).status;
  return { make, deliver };
}

it("creates one receiver per environment, with the first request", async () => {
  const { make, deliver } = appThatCounts();
  const live = { POPP_WEBHOOK_SECRET: SECRET };
  const test = { POPP_WEBHOOK_SECRET: "another" };
  expect(make).not.toHaveBeenCalled();

  expect([await deliver(live), await deliver(test), await deliver(live), await deliver(test)]).toEqual([
    200, 401, 200, 401,
  ]);
  expect(make).toHaveBeenCalledTimes(2);
});

it.each<[string, () => object | undefined]>([
  ["@hono/node-server", () => ({ incoming: {}, outgoing: {} })],
  ["Deno.serve", () => ({ remoteAddr: {}, completed: {} })],
  ["AWS Lambda", () => ({ event: {}, requestContext: {}, lambdaContext: {} })],
  ["Lambda@Edge", () => ({ event: {}, callback: () => {} })],
  ["Netlify", () => ({ context: {} })],
  ["a server that gives none", () => undefined],
])("makes one receiver in all under %s, whose requests have no environment in common", async (_, envOfRequest) => {
  const { make, deliver } = appThatCounts();

  expect([await deliver(envOfRequest()), await deliver(envOfRequest())]).toEqual([200, 200]);
  expect(make).toHaveBeenCalledTimes(1);
});

it("creates one receiver on Cloudflare Pages, which copies its environment for each request", async () => {
  const { make, deliver } = appThatCounts();
  const env = { POPP_WEBHOOK_SECRET: SECRET };

  expect([await deliver({ ...env, eventContext: { env } }), await deliver({ ...env, eventContext: { env } })]).toEqual([
    200, 200,
  ]);
  expect(make).toHaveBeenCalledTimes(1);
});

it("calls the function again after it threw", async () => {
  const { make, deliver } = appThatCounts();
  make.mockImplementationOnce(() => {
    throw new Error("The environment is not complete.");
  });

  expect([await deliver(), await deliver()]).toEqual([500, 200]);
});
