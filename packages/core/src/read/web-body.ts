import { Refusal } from "../errors/refusal.ts";
import { can } from "../lib/bytes.ts";
import { quietly } from "../lib/quietly.ts";
import { type BodyReader, drain } from "./body-reader.ts";

/** Reads a web stream. Undefined when it is none, or somebody else reads it. */
export function webReader(body: object): BodyReader | undefined {
  if (!isWebStream(body) || body.locked) return undefined;
  const reader = body.getReader();
  const ignore = () => undefined;
  return {
    read: (take) => drain(() => reader.read(), take),
    discard: (patienceMs) => {
      const cancel = () => quietly(() => reader.cancel());
      // Deno closes the connection of a body that is still being read after the answer, and keeps that of a cancelled one.
      if ("Deno" in globalThis) return cancel();
      const giveUp = setTimeout(cancel, patienceMs);
      // On Node and Bun a timer is an object, and would keep the process from ending.
      if (can(giveUp, "unref")) Object(giveUp).unref();
      return drain(() => reader.read(), ignore).finally(() => clearTimeout(giveUp));
    },
  };
}

/**
 * Reads a web `Request` by its stream, and not in one piece: its bytes are counted as they come, whatever length it declares. A polyfilled
 * request may have no stream, or one of Node. Undefined when its body was read before.
 *
 * The stream is looked at only when it is needed: some servers on Node close the connection of a body that was looked at and not read.
 */
export function requestReader(
  request: Request,
  streamReaderFor: (body: object) => BodyReader | undefined,
): BodyReader | undefined {
  if (isUsed(request)) return undefined;
  let stream: BodyReader | undefined;
  const streamed = () => {
    stream ??= request.body ? streamReaderFor(request.body) : undefined;
    return stream;
  };
  return {
    read: async (take) => {
      try {
        const { body } = request;
        if (body === null) return undefined;
        // Not awaited here: a stream that breaks off is no failure of the request.
        // A web stream that somebody else reads gives no bytes: the one who takes them refuses that.
        return streamed()?.read(take) ?? take(can(body, "getReader") ? undefined : await request.arrayBuffer());
      } catch (cause) {
        return new Refusal("INTERNAL", "Reading the request failed.", { cause });
      }
    },
    discard: (patienceMs) => streamed()?.discard(patienceMs),
  };
}

/** The getter of a wrapped request may throw; reading its body tells then. */
function isUsed(request: Request): boolean {
  try {
    return request.bodyUsed;
  } catch {
    return false;
  }
}

function isWebStream(body: object): body is ReadableStream<Uint8Array> {
  return can(body, "getReader");
}
