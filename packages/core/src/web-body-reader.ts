import { type BodyReader, drain } from "./body-reader.ts";

/** Reads a web stream; undefined when it is none, or somebody else is reading it. */
export function webReader(body: object): BodyReader | undefined {
  if (!isWebStream(body) || body.locked) return undefined;
  const reader = body.getReader();
  const ignore = () => undefined;
  return {
    read: (take) => drain(() => reader.read(), take),
    discard: (patienceMs) => {
      const giveUp = setTimeout(() => reader.cancel().catch(ignore), patienceMs);
      drain(() => reader.read(), ignore)
        .catch(ignore)
        .finally(() => clearTimeout(giveUp));
    },
  };
}

/** By its method, not its class: polyfills and other realms bring their own streams. */
function isWebStream(body: object): body is ReadableStream<Uint8Array> {
  return "getReader" in body;
}
