import { createReceiver, type PoppEvent, type UnrecognizedEvent } from "@popp-webhooks/core";
import { eventNames } from "@popp-webhooks/testing";
import { type Seen, startServer } from "./start-server.ts";

/** The secret of {@link startReceiver}. */
export const SECRET = "a signing secret";

/** A real receiver on a port of its own, and what it was sent. */
export async function startReceiver(): Promise<{
  readonly url: string;
  readonly events: (PoppEvent | UnrecognizedEvent)[];
  readonly seen: Seen[];
}> {
  const events: (PoppEvent | UnrecognizedEvent)[] = [];
  const keep = (event: PoppEvent | UnrecognizedEvent) => void events.push(event);
  const on = Object.fromEntries([...eventNames, "UNRECOGNIZED"].map((name) => [name, keep]));
  const { receive } = createReceiver({ secret: SECRET, on, onError: () => {} });
  const { url, seen } = await startServer(({ method, headers, body }) => receive({ method, headers, body }));
  return { url: `${url}/webhooks/popp`, events, seen };
}

/** An address where nothing listens. */
export async function closedPort(): Promise<string> {
  const { url, server } = await startServer(() => ({ status: 200 }));
  await new Promise((resolve) => server.close(resolve));
  return url;
}
