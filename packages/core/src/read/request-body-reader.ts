import type { BodyReader } from "./body-reader.ts";
import { webReader } from "./web-body.ts";

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
