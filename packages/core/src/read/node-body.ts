import type { BodyReader } from "./body-reader.ts";
import type { NodeBody } from "./delivery.ts";

/**
 * Reads a Node stream by its events. An async iterator would destroy the request when it is left early, and yields nothing for the restored
 * bodies of some platforms.
 */
export function nodeReader(body: NodeBody): BodyReader {
  const resume = () => void body.resume();
  return {
    read: (take) =>
      new Promise((resolve, reject) => {
        // Its events have been fired already.
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
        // These listeners stay: a late error of the stream would end the process if nobody listened.
        body.on("error", reject).on("close", onClose);
        // Somebody may have paused it, or pause it later, as @hono/node-server does when its web request is looked at.
        body.on("pause", resume).resume();
      }),
    discard: () => {
      body.off("pause", resume);
      discardSlowly(body);
    },
  };
}

/** How much is discarded without a pause, in bytes: what a client sends by mistake is gone before its next request. */
const AT_ONCE_BYTES = 8_388_608;

/** The pause after each chunk beyond that, in milliseconds. */
const REST_MS = 4;

/** Beyond the first bytes it discards slowly: otherwise many clients that send too much would fill the memory with what is discarded. */
function discardSlowly(body: NodeBody): void {
  let discarded = 0;
  body.on("data", (chunk) => {
    discarded += Number(Object(chunk).length) || 0;
    if (discarded < AT_ONCE_BYTES) return;
    body.pause();
    setTimeout(() => body.resume(), REST_MS);
  });
  body.resume();
}
