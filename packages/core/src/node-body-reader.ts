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
    discard: () => body.resume(),
  };
}
