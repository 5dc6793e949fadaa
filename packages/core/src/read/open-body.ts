import { can } from "../lib/bytes.ts";
import { type BodyReader, drain } from "./body-reader.ts";
import type { NodeBody } from "./delivery.ts";
import { nodeReader } from "./node-body.ts";
import { requestReader, webReader } from "./web-body.ts";

/**
 * The way to read a body that is not there as a whole. Undefined when it is none, or was read before.
 *
 * Judges by what a body can do, since polyfills, proxies and other realms bring classes of their own.
 */
export function bodyReaderFor(body: object): BodyReader | undefined {
  return can(body, "arrayBuffer") ? requestReader(body as Request, streamReaderFor) : streamReaderFor(body);
}

function streamReaderFor(body: object): BodyReader | undefined {
  if (isNodeStream(body)) return body.readableDidRead || body.readableEnded ? undefined : nodeReader(body);
  if (can(body, "getReader")) return webReader(body);
  const iterator = iteratorOf(body);
  return iterator && { read: (take) => drain(async () => iterator.next(), take), discard: () => iterator.return?.() };
}

/** Of what is iterated without waiting, only a generator or a list of bytes. Any other list, a `Map` or a form is a parsed body. */
function iteratorOf(body: object): AsyncIterator<unknown> | Iterator<unknown> | undefined {
  if (can(body, Symbol.asyncIterator)) return Reflect.get(body, Symbol.asyncIterator).call(body);
  if (Array.isArray(body) && body.some(ArrayBuffer.isView)) return body.values();
  return isIterator(body) ? body : undefined;
}

function isIterator(body: object): body is Iterator<unknown> {
  return can(body, "next");
}

function isNodeStream(body: object): body is NodeBody {
  return can(body, "on") && can(body, "resume");
}
