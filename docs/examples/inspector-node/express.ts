import { toExpressHandler } from "@popp-webhooks/express";
import express from "express";
import { inspector, receiver } from "./inbox.ts";

const app = express();
app.post("/webhooks/popp", toExpressHandler(receiver));
app.use(express.json());
// Before or after a body parser: a parsed body is fine too.
app.use("/admin/popp", inspector.listener);

const port = Number(process.env.PORT ?? 3000);
app.listen(port, "127.0.0.1", () =>
  console.log(`Listening on http://localhost:${port}/admin/popp`),
);
