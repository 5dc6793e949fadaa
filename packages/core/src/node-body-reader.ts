import type { BodyReader } from "./body-reader.ts";
import type { NodeBody } from "./delivery.ts";

/**
 * By events: an async iterator would destroy the request when it is left early, and behind some platforms' restored
 * bodies it yields nothing.
 */
export function nodeReader(body: NodeBody): BodyReader {
  return {
    read: (take) =>
      new Promise((resolve, reject) => {
        const onData = (chunk: unknown) => {
          const refusal = take(chunk);
          if (!refusal) return;
          body.off("data", onData);
          resolve(refusal);
        };
        const onClose = () => {
          if (!body.readableEnded) reject(new Error("The connection was closed."));
        };
        body.on("data", onData).on("end", () => resolve(undefined));
        // These stay on: a stream's late error that nobody hears would end the process.
        body.on("error", reject).on("close", onClose);
      }),
    discard: () => discardSlowly(body),
  };
}

/** How long the stream rests after each chunk that nobody wants, in milliseconds. */
const REST_MS = 3;

/** At a walking pace: many clients that send much more than they may would otherwise fill the memory with what is thrown away. */
function discardSlowly(body: NodeBody): void {
  body.on("data", () => {
    body.pause();
    setTimeout(() => body.resume(), REST_MS);
  });
  body.resume();
}
