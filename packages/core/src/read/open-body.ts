import { type BodyReader, drain } from "./body-reader.ts";
import type { NodeBody } from "./delivery.ts";
import { nodeReader } from "./node-body.ts";
import { requestReader, webReader } from "./web-body.ts";

/** The way to read a body that is still a stream; undefined when it is none, or was read before. */
export function bodyReaderFor(body: object): BodyReader | undefined {
  if (isRequest(body)) return body.bodyUsed ? undefined : requestReader(body);
  if (isNodeStream(body)) return body.readableDidRead || body.readableEnded ? undefined : nodeReader(body);
  return webReader(body) ?? (isIterable(body) ? iterableReader(body[Symbol.asyncIterator]()) : undefined);
}

/** By its method, not its class: polyfills and other realms bring their own. */
function isRequest(body: object): body is Request {
  return "arrayBuffer" in body;
}

function isNodeStream(body: object): body is NodeBody {
  return "on" in body && typeof body.on === "function" && "resume" in body;
}

function isIterable(body: object): body is AsyncIterable<unknown> {
  return Symbol.asyncIterator in body;
}

function iterableReader(iterator: AsyncIterator<unknown>): BodyReader {
  return {
    read: (take) => drain(() => iterator.next(), take),
    discard: () => iterator.return?.().catch(() => {}),
  };
}
