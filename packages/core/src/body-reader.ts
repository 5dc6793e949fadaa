import type { DeliveryBody, NodeBody } from "./delivery.ts";

/** One way to read a stream of bytes, whatever kind of stream it is. */
export interface BodyReader {
  /**
   * Hands over each chunk until the stream ends or `take` says that it has enough.
   *
   * Rejects when the stream breaks off. What is not a chunk of bytes is handed over as it is.
   */
  read(take: (chunk: unknown) => boolean): Promise<void>;
  /**
   * Lets the rest of the body flow away unread.
   *
   * Closing the stream instead would reset the connection on a Node server, and the client would never see the answer.
   */
  discard(patienceMs: number): void;
}

/** Finds the way to read a body that is still a stream; undefined when it is no stream. */
export function readerOf(body: Exclude<DeliveryBody, string | null | undefined>): BodyReader | undefined {
  if ("on" in body && typeof body.on === "function") return nodeReader(body);
  if ("getReader" in body && typeof body.getReader === "function") return webReader(body);
  if (Symbol.asyncIterator in body) return iterableReader(body);
  return undefined;
}

/**
 * By events: an async iterator would destroy the request when it is left early, and behind some platforms' restored
 * bodies it yields nothing.
 */
function nodeReader(body: NodeBody): BodyReader {
  return {
    read: (take) =>
      new Promise((resolve, reject) => {
        const settle = (finish: () => void) => {
          body.off("data", onData);
          body.off("end", onEnd);
          body.off("close", onClose);
          body.off("aborted", onClose);
          finish();
        };
        const onData = (chunk: unknown) => take(chunk) || settle(resolve);
        const onEnd = () => settle(resolve);
        const onClose = () =>
          settle(() => reject(new Error("The connection was closed before the body was complete.")));
        body.on("data", onData);
        body.on("end", onEnd);
        body.on("close", onClose);
        body.on("aborted", onClose);
        // This listener stays: a stream's late error that nobody hears would end the process.
        body.on("error", (error) => settle(() => reject(error)));
      }),
    discard: () => void body.resume(),
  };
}

function webReader(body: ReadableStream<Uint8Array>): BodyReader {
  const reader = body.getReader();
  return {
    read: (take) => pull(() => reader.read(), take),
    discard: (patienceMs) => {
      const giveUp = setTimeout(() => void reader.cancel().catch(ignore), patienceMs);
      void pull(
        () => reader.read(),
        () => true,
      )
        .catch(ignore)
        .finally(() => clearTimeout(giveUp));
    },
  };
}

function iterableReader(body: AsyncIterable<Uint8Array>): BodyReader {
  const iterator = body[Symbol.asyncIterator]();
  return {
    read: (take) => pull(() => iterator.next(), take),
    discard: () => void iterator.return?.().catch(ignore),
  };
}

async function pull(
  next: () => Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>,
  take: (chunk: unknown) => boolean,
): Promise<void> {
  for (;;) {
    const { done, value } = await next();
    if (done || !take(value)) return;
  }
}

/** The answer is decided: how the rest of an unwanted body ends changes nothing. */
function ignore(): void {}
