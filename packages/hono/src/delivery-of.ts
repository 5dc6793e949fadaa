import type { Delivery, NodeBody } from "@popp-webhooks/core";
import type { Context, HonoRequest } from "hono";

/** Describes a request as a delivery, without reading its body. */
export function deliveryOf({ req, env }: Pick<Context, "req" | "env">): Delivery {
  const { incoming } = Object(env);
  if (isUnreadNodeRequest(incoming)) return { method: req.method, headers: incoming.headers, body: incoming };
  const { method, headers, bodyUsed } = req.raw;
  // Text, JSON and forms that Hono keeps are decoded. Encoded again, they could be other bytes.
  const exact = "arrayBuffer" in req.bodyCache || "blob" in req.bodyCache;
  const consumed = bodyUsed && !exact ? READ_BEFORE : undefined;
  return { method, headers, body: bodyUsed ? kept(req) : req.raw, consumed };
}

type NodeRequest = NodeBody & Pick<Delivery, "headers">;

/** Whether it is Node's own request, a binding of @hono/node-server. Reading it takes half the time of reading the web request made of it. */
function isUnreadNodeRequest(incoming: unknown): incoming is NodeRequest {
  const { readableDidRead, destroyed } = Object(incoming);
  return readableDidRead === false && destroyed === false;
}

/** As a stream, so that the receiver answers if reading it fails. */
async function* kept(req: HonoRequest): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(await req.arrayBuffer());
}

const READ_BEFORE =
  "Middleware read the body before: mount this handler before it, or read there with `c.req.arrayBuffer()`.";
