import type { Delivery, NodeBody } from "@popp-webhooks/core";
import type { Context, HonoRequest } from "hono";

/** Sees a request as a delivery, without reading its body. */
export function deliveryOf({ req, env }: Pick<Context, "req" | "env">): Delivery {
  const { incoming } = Object(env);
  if (isUnreadNodeRequest(incoming)) return { method: req.method, headers: incoming.headers, body: incoming };
  const { method, headers, bodyUsed } = req.raw;
  // What Hono keeps as text, JSON or a form was decoded: encoding it again would give other bytes.
  const exact = "arrayBuffer" in req.bodyCache || "blob" in req.bodyCache;
  return {
    method,
    headers,
    body: bodyUsed ? kept(req) : req.raw,
    consumed: bodyUsed && !exact ? READ_BEFORE : undefined,
  };
}

type NodeRequest = NodeBody & Pick<Delivery, "headers">;

/** Node's own request, which @hono/node-server lends as a binding: reading it takes half the time that the web request made of it takes. */
function isUnreadNodeRequest(incoming: unknown): incoming is NodeRequest {
  const { readableDidRead, destroyed } = Object(incoming);
  return readableDidRead === false && destroyed === false;
}

/** As a stream, so that the receiver answers for what goes wrong while it is read. */
async function* kept(req: HonoRequest): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(await req.arrayBuffer());
}

const READ_BEFORE =
  "Middleware read the body before: mount this handler before it, or read there with `c.req.arrayBuffer()`.";
