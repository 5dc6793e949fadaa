import { createServer, type Server } from "node:http";
import { createReceiver, events, type PoppEvent } from "@popp-webhooks/core";

/** A whole endpoint on `node:http`: what a service of yours would have, with `say` where it would do its work. */
export function startEndpoint(secret: string, say: (event: PoppEvent) => void): Promise<Server> {
  const { receive } = createReceiver({
    secret,
    on: { ...Object.fromEntries(Object.keys(events).map((name) => [name, say])), UNRECOGNIZED: say },
  });
  const server = createServer(async (request, response) => {
    const { status, headers, body } = await receive({
      method: request.method ?? "",
      headers: request.headers,
      body: request,
    });
    response.writeHead(status, headers).end(body);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}
