import { can } from "../lib/bytes.ts";

/** The headers as a runtime gives them: web `Headers`, or the record of a Node request. */
export type HeaderSource = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The part of Node's `Readable` that reading a body takes: a Node request fits as it is. */
export interface NodeBody {
  /** Adds a listener, as on every Node stream. */
  on(event: string, listener: (value?: unknown) => void): this;
  /** Removes a listener again. */
  off(event: string, listener: (value?: unknown) => void): this;
  /** Stops the stream from flowing. */
  pause(): unknown;
  /** Lets the stream flow; what nobody listens to is discarded. */
  resume(): unknown;
  /** Whether somebody has read from it already. */
  readonly readableDidRead?: boolean;
  /** Whether it has ended already. */
  readonly readableEnded?: boolean;
  /** Whether it is over, be it that it ended or that it broke off. */
  readonly destroyed?: boolean;
}

/** A body before it is read: bytes, a web request, a stream of bytes (web, Node or any async iterable), or nothing. */
export type DeliveryBody =
  | Uint8Array
  | ArrayBuffer
  | string
  | Request
  | ReadableStream<Uint8Array>
  | NodeBody
  | AsyncIterable<Uint8Array>
  | null
  | undefined;

/** One HTTP attempt, before anything is known of it. */
export interface Delivery {
  /** The HTTP method, in either case. */
  readonly method: string;
  /** The request's headers. */
  readonly headers: HeaderSource;
  /** The body, not yet read. */
  readonly body: DeliveryBody;
  /**
   * Given by an adapter whose framework has read or parsed the body already: what to change, in one sentence, shown to
   * the developer. The delivery is then refused with `BODY_CONSUMED`, whatever `body` is.
   */
  readonly consumed?: string | undefined;
}

/** Describes a web `Request` as a delivery, without reading its body. */
export function deliveryOf(request: Request): Delivery {
  const { method, headers } = request;
  return { method, headers, body: request };
}

/** What to do about a body that is gone, when the adapter knows nothing better. */
export const CONSUMED =
  "The body was read or parsed before: mount this route before any body parser, such as express.json(), or pass the raw bytes.";

/**
 * One header's value, by its name in lower case, whatever case it came in. Several values are joined as HTTP does.
 *
 * Wrappers of gateways give more than the types say: numbers, null, a `Map`, a list of pairs, or nothing at all.
 */
export function headerValue(headers: HeaderSource, name: string): string | null {
  const source = Object(headers);
  const value = can(source, "get") ? source.get(name) : undefined;
  if (value !== undefined) return textOf(value);
  if (can(source, Symbol.iterator))
    return textOf([...source].flatMap((pair) => (isNamed(Object(pair)[0], name) ? [pair[1]] : [])));
  for (const key in source) if (isNamed(key, name)) return textOf(source[key]);
  return null;
}

/** Looks up one header's value by its name in lower case; null where there is none. */
export type HeaderLookup = (name: string) => string | null;

/** Compares the length first: it tells most names apart, and costs nothing. */
function isNamed(key: unknown, name: string): boolean {
  return typeof key === "string" && key.length === name.length && key.toLowerCase() === name;
}

function textOf(value: unknown): string | null {
  if (typeof value === "string" || value === null) return value;
  const values = [value].flat(3).filter((one) => one !== undefined && one !== null);
  return values.length > 0 ? values.join(", ") : null;
}
