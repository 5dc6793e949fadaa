import { createServer, type Server } from "node:http";
import { createReceiver, events, type PoppEvent } from "@popp-webhooks/core";
import { createInbox, type DurableInbox, type InboxHandlerContext } from "@popp-webhooks/inbox";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";

/** What a service of yours would do with an event. */
export type Work = (event: PoppEvent, context: InboxHandlerContext) => void;

/** An endpoint that listens, and the inbox behind it. */
export interface Endpoint {
  readonly server: Server;
  readonly inbox: DurableInbox;
}

/** A whole endpoint on `node:http`: each event is in a SQLite file before its delivery is answered, and handled afterwards. */
export async function startEndpoint(secret: string, file: string, work: Work): Promise<Endpoint> {
  const inbox = createInbox({
    store: sqliteStore(file),
    on: { ...Object.fromEntries(Object.keys(events).map((name) => [name, work])), UNRECOGNIZED: work },
    retryBaseMs: 400,
  });
  const { receive } = createReceiver({ secret, inbox });
  const server = createServer(async (request, response) => {
    const { status, headers, body } = await receive({
      method: request.method ?? "",
      headers: request.headers,
      body: request,
    });
    response.writeHead(status, headers).end(body);
  });
  inbox.start();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, inbox };
}
