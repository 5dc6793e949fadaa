import type { NodeBody } from "./delivery.ts";
import type { Refusal } from "./refusal.ts";
import { webReader } from "./web-body-reader.ts";

/** Looks at a chunk, and says with a refusal that there is no point in going on. */
export type Take = (chunk: unknown) => Refusal | undefined;

/** One way to read a stream of bytes, whatever kind of stream it is. */
export interface BodyReader {
  /**
   * Hands over each chunk until the stream ends or one is refused, and resolves to that refusal.
   *
   * Rejects when the stream breaks off. What is not a chunk of bytes is handed over as it is.
   */
  read(take: Take): Promise<Refusal | undefined>;
  /**
   * Lets the rest of the body flow away unread.
   *
   * Closing the stream instead would reset the connection on a Node server, and the client would never see the answer.
   */
  discard(patienceMs: number): void;
}

/** The way to read a body that is still a stream; undefined when it is none, or was read before. */
export function readerOf(body: object): BodyReader | undefined {
  if (isNodeStream(body)) return body.readableDidRead || body.readableEnded ? undefined : nodeReader(body);
  return webReader(body) ?? (isIterable(body) ? iterableReader(body[Symbol.asyncIterator]()) : undefined);
}

function isNodeStream(body: object): body is NodeBody {
  return "on" in body && typeof body.on === "function" && "resume" in body;
}

function isIterable(body: object): body is AsyncIterable<unknown> {
  return Symbol.asyncIterator in body;
}

/**
 * By events: an async iterator would destroy the request when it is left early, and behind some platforms' restored
 * bodies it yields nothing.
 */
function nodeReader(body: NodeBody): BodyReader {
  return {
    read: (take) =>
      new Promise((resolve, reject) => {
        const onData = (chunk: unknown) => {
          const refusal = take(chunk);
          if (!refusal) return;
          body.off("data", onData);
          resolve(refusal);
        };
        body.on("data", onData).on("end", () => resolve(undefined));
        // These stay on: a stream's late error that nobody hears would end the process.
        body.on("error", reject).on("close", () => reject(new Error("The connection was closed.")));
      }),
    discard: () => body.resume(),
  };
}

function iterableReader(iterator: AsyncIterator<unknown>): BodyReader {
  return {
    read: (take) => drain(() => iterator.next(), take),
    discard: () => iterator.return?.().catch(() => {}),
  };
}

/** Pulls chunks until there are no more, or one is refused. */
export async function drain(
  next: () => Promise<{
    readonly done?: boolean | undefined;
    readonly value?: unknown;
  }>,
  take: Take,
): Promise<Refusal | undefined> {
  for (;;) {
    const { done, value } = await next();
    const refusal = done ? undefined : take(value);
    if (done || refusal) return refusal;
  }
}
