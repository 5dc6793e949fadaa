import type { BodyReader } from "./body-reader.ts";
import { webReader } from "./web-body-reader.ts";

/**
 * Reads a web `Request`.
 *
 * Where its length is declared, and so was looked at before, it is read in one piece: servers keep to a declared length, and on most of
 * them that takes a fraction of what their streams take. Its bytes are counted all the same.
 */
export function requestReader(request: Request): BodyReader {
  let stream: BodyReader | undefined;
  // Looked at only when it is needed: some servers on Node close the connection of a body that was looked at and not read.
  const streamed = () => {
    stream ??= request.body === null ? undefined : webReader(request.body);
    return stream;
  };
  return {
    read: async (take) => {
      if (request.headers.has("content-length")) return take(new Uint8Array(await request.arrayBuffer()));
      if (request.body === null) return undefined;
      // A stream that somebody else is reading gives no bytes, which is for the one who takes them to say.
      return streamed()?.read(take) ?? take(undefined);
    },
    discard: (patienceMs) => streamed()?.discard(patienceMs),
  };
}
