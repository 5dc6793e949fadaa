import { toHonoHandler } from "@popp-webhooks/hono";
import { conformanceReceiver } from "@popp-webhooks/testing/conformance";
import { Hono } from "hono";

/** The app that is mounted on each runtime. */
export const app: Hono = new Hono();

app.all("/webhooks", toHonoHandler(conformanceReceiver()));

app.post("/json", async (c) => c.json(await c.req.json()));

app.use("/parsed-first", async (c, next) => {
  await c.req.json().catch(() => {});
  await next();
});
app.all("/parsed-first", toHonoHandler(conformanceReceiver()));
