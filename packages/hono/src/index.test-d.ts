import { createReceiver } from "@popp-webhooks/core";
import { Hono } from "hono";
import { toHonoHandler } from "./index.ts";

interface AppEnv {
  Bindings: { POPP_WEBHOOK_SECRET: string };
  Variables: { user: string };
}

const receiver = createReceiver({ secret: "secret", on: {} });

// A receiver fits any app, whatever its bindings, its path and what stands before it.
new Hono().post("/popp", toHonoHandler(receiver));
new Hono<AppEnv>().post("/popp/:tenant", toHonoHandler(receiver));
new Hono<AppEnv>().on("POST", "/popp", async (_c, next) => next(), toHonoHandler(receiver));

// A function sees the app's bindings, and no others.
new Hono<AppEnv>().post(
  "/popp",
  toHonoHandler<AppEnv>((c) => createReceiver({ secret: c.env.POPP_WEBHOOK_SECRET, on: {} })),
);
// @ts-expect-error there is no such binding
toHonoHandler<AppEnv>((c) => createReceiver({ secret: c.env.POPP_SECRET, on: {} }));
