import type { BodyReader } from "./body-reader.ts";
import type { NodeBody } from "./delivery.ts";

/**
 * By events: an async iterator would destroy the request when it is left early, and behind some platforms' restored
 * bodies it yields nothing.
 */
export function nodeReader(body: NodeBody): BodyReader {
  const resume = () => void body.resume();
  return {
    read: (take) =>
      new Promise((resolve, reject) => {
        // Its events have been: it will not end any more.
        if (body.destroyed && !body.readableEnded) return reject(new Error("The connection was closed."));
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
        // Somebody may have stopped it, or stop it yet, as @hono/node-server does for whoever looks at its web request.
        body.on("pause", resume).resume();
      }),
    discard: () => {
      body.off("pause", resume);
      discardSlowly(body);
    },
  };
}

/** How much is thrown away at once, in bytes: what a client sends by mistake is gone before its next request. */
const AT_ONCE_BYTES = 8 * 1024 * 1024;

/** How long the stream rests after each chunk from there on, in milliseconds. */
const REST_MS = 4;

/** Then at a walking pace: many clients that send much more than they may would otherwise fill the memory with what is thrown away. */
function discardSlowly(body: NodeBody): void {
  let discarded = 0;
  body.on("data", (chunk) => {
    discarded += chunk instanceof Uint8Array ? chunk.length : 0;
    if (discarded < AT_ONCE_BYTES) return;
    body.pause();
    setTimeout(() => body.resume(), REST_MS);
  });
  body.resume();
}
