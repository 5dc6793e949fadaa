import { finished } from "node:stream/promises";
import type { Delivery, NodeBody } from "@popp-webhooks/core";
import type { FastifyRequest } from "fastify";

/**
 * Describes a request as a delivery, without reading its body.
 *
 * The body is the payload that Fastify hands on, which a `preParsing` hook may have replaced. Where a hook has read it, the bytes that
 * somebody kept are taken.
 */
export function deliveryOf(request: FastifyRequest): Delivery {
  const { method, headers, raw } = request;
  // Fastify asks no parser for a method without a body, nor for a content type that it cannot parse.
  const payload = request.body ?? raw;
  if (payload === raw && isUnread(raw)) return { method, headers, body: raw };
  const kept = isUnread(payload) ? payload : keptBytes(request);
  const body = kept ?? (isBeingRead(payload) ? bytesKeptLater(request, payload) : undefined);
  return { method, headers: { ...headers, ...NOT_OF_THE_WIRE }, body, consumed: body === undefined ? READ : undefined };
}

/** These describe the bytes that came over the wire, not those in hand: a hook has replaced or decompressed them. */
const NOT_OF_THE_WIRE = { "content-encoding": undefined, "content-length": undefined };

const READ = "A Fastify hook read the body: return a stream of its bytes from `preParsing`, or keep them in `rawBody`.";

/** Whether it is a stream, of whatever kind, that nobody has read from. */
function isUnread(payload: unknown): payload is NodeBody | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> {
  const { on, getReader, readableDidRead, readableEnded, locked, [Symbol.asyncIterator]: iterate } = Object(payload);
  const isStream = [on, getReader, iterate].some((method) => typeof method === "function");
  return isStream && !readableDidRead && !readableEnded && !locked;
}

const isBeingRead = (payload: unknown): payload is NodeJS.ReadableStream =>
  Object(payload).readableFlowing && !Object(payload).readableEnded && !Object(payload).destroyed;

/** The body's bytes where hosts and plugins keep them: fastify-raw-body, Nest, Cloud Functions, Express middleware in Fastify. */
function keptBytes(request: FastifyRequest): Uint8Array | undefined {
  const raw = Object(request.raw);
  const kept = [request.body, Object(request).rawBody, raw.rawBody, raw.body].find((body) => ArrayBuffer.isView(body));
  return kept && new Uint8Array(kept.buffer, kept.byteOffset, kept.byteLength);
}

/** As a stream, so that the receiver's time limit holds. */
async function* bytesKeptLater(request: FastifyRequest, payload: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  await finished(payload);
  // The receiver refuses what is no bytes.
  yield keptBytes(request) as Uint8Array;
}
