/** Header names and values as a runtime hands them over: web `Headers`, or the record of a Node request. */
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
  /** The HTTP method, in capitals. */
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

/** Sees a web `Request` as a delivery, without reading its body. */
export function deliveryOf(request: Request): Delivery {
  const { method, headers, bodyUsed } = request;
  return { method, headers, body: request, consumed: bodyUsed ? CONSUMED : undefined };
}

/** What to do about a body that is gone, where no adapter knows better. */
export const CONSUMED =
  "The body was read or parsed before: mount this route before any body parser, such as express.json(), or pass the raw bytes.";

/** One header's value, by its name in lower case, whatever case it came in; several values joined as HTTP does. */
export function headerValue(headers: HeaderSource, name: string): string | null {
  if (isHeaders(headers)) return headers.get(name);
  for (const key in headers) {
    // The length first: it tells most names apart, and costs nothing.
    if (key.length === name.length && key.toLowerCase() === name) return joined(headers[key]);
  }
  return null;
}

function joined(value: string | readonly string[] | undefined): string | null {
  return value === undefined || typeof value === "string" ? (value ?? null) : value.join(", ");
}

/** By its method, not its class: undici, polyfills and other realms bring their own `Headers`. */
function isHeaders(headers: HeaderSource): headers is Headers {
  return typeof headers.get === "function";
}
