import { serve } from "@hono/node-server";
import { toHonoHandler } from "@popp-webhooks/hono";
import { Hono } from "hono";
import { inspector, receiver } from "./inbox.ts";

const app = new Hono();
app.post("/webhooks/popp", toHonoHandler(receiver));
app.all("/admin/popp", (c) => inspector.fetch(c.req.raw));

serve(
  {
    fetch: app.fetch,
    hostname: "127.0.0.1",
    port: Number(process.env.PORT ?? 3000),
  },
  ({ port }) => {
    console.log(
      `Listening on http://localhost:${port}/admin/popp`,
    );
  },
);
