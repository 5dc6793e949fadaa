import { sign } from "./sign.ts";

/** A body as a runtime may hand it over. */
type Content = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/** A POST with a body and what its signature header says. */
export function post(body: Content, signature: string, headers: Readonly<Record<string, string>> = {}): Request {
  // A stream as body demands `duplex`, which TypeScript's DOM types do not know.
  const init = { method: "POST", body, headers: { "x-signature": signature, ...headers }, duplex: "half" };
  return new Request("http://localhost/", init);
}

/** A genuine delivery of an event. */
export async function deliver(event: unknown): Promise<Request> {
  const body = JSON.stringify(event);
  return post(body, await sign(body));
}

/** An event as Popp sends it, with an id of its own for each case. */
export function started(eventId: string): Readonly<Record<string, unknown>> {
  return {
    event: "CONVERSATION_STARTED",
    eventId,
    eventTimestamp: "2026-11-01T12:00:00.000Z",
    data: { recordId: "conv_1", organizationId: "org_1" },
  };
}

/** A body that arrives in pieces, with a pause before each; one that does not end stays open after the last. */
export function pieces(
  chunks: readonly Uint8Array[],
  { pauseMs = 0, ends = true }: { readonly pauseMs?: number; readonly ends?: boolean } = {},
): ReadableStream<Uint8Array> {
  const rest = [...chunks];
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const next = rest.shift();
      if (next) controller.enqueue(next);
      else if (ends) controller.close();
      else await new Promise(() => {});
    },
  });
}
