import { type BodyReader, drain } from "./body-reader.ts";

/** Reads a web stream; undefined when it is none, or somebody else is reading it. */
export function webReader(body: object): BodyReader | undefined {
  if (!isWebStream(body) || body.locked) return undefined;
  const reader = body.getReader();
  const ignore = () => undefined;
  return {
    read: (take) => drain(() => reader.read(), take),
    discard: (patienceMs) => {
      const cancel = () => reader.cancel().catch(ignore);
      // Deno closes the connection of a body that is still being read after the answer, and keeps that of a cancelled one.
      if ("Deno" in globalThis) return void cancel();
      const giveUp = setTimeout(cancel, patienceMs);
      unref(giveUp);
      drain(() => reader.read(), ignore)
        .catch(ignore)
        .finally(() => clearTimeout(giveUp));
    },
  };
}

/**
 * Reads a web `Request` by its stream, and never in one piece: its bytes are counted as they come, whatever length it declares.
 *
 * The stream is looked at only when it is needed: some servers on Node close the connection of a body that was looked at and not read.
 */
export function requestReader(request: Request): BodyReader {
  let stream: BodyReader | undefined;
  const streamed = () => {
    stream ??= request.body === null ? undefined : webReader(request.body);
    return stream;
  };
  return {
    read: async (take) => {
      if (request.body === null) return undefined;
      // A stream that somebody else is reading gives no bytes, which is for the one who takes them to say.
      return streamed()?.read(take) ?? take(undefined);
    },
    discard: (patienceMs) => streamed()?.discard(patienceMs),
  };
}

/** On Node and Bun a timer is an object, and would keep the process from ending. */
function unref(timer: unknown): void {
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function")
    timer.unref();
}

/** By its method, not its class: polyfills and other realms bring their own streams. */
function isWebStream(body: object): body is ReadableStream<Uint8Array> {
  return "getReader" in body;
}
