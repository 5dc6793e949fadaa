import { type SignPayloadOptions, signPayload } from "./sign-payload.ts";

/** The options of {@link signedRequest}. */
export interface SignedRequestOptions extends SignPayloadOptions {
  /** The signing secret. */
  readonly secret: string;
  /** The URL. Default: `http://localhost/webhooks/popp`. */
  readonly url?: string;
  /** Headers to add. They replace `content-type` and `x-signature` if they have the same names. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Creates a delivery as Popp sends it: a POST with a JSON body, `content-type` and `x-signature`.
 *
 * @param payload - an event, sent as compact JSON, or the exact body
 *
 * @example
 * ```ts
 * import { fixture, signedRequest } from "@popp-webhooks/testing";
 *
 * const request = await signedRequest(fixture("CONVERSATION_STARTED"), { secret: "the signing secret" });
 * export const response = await fetch(request);
 * ```
 */
export async function signedRequest(
  payload: object | string | Uint8Array,
  options: SignedRequestOptions,
): Promise<Request> {
  const body = bodyOf(payload);
  const headers = {
    "content-type": "application/json",
    "x-signature": await signPayload(body, options.secret, options),
    ...options.headers,
  };
  return new Request(options.url ?? "http://localhost/webhooks/popp", { method: "POST", headers, body });
}

function bodyOf(payload: object | string | Uint8Array): string | Uint8Array<ArrayBuffer> {
  if (typeof payload === "string") return payload;
  return payload instanceof Uint8Array ? new Uint8Array(payload) : JSON.stringify(payload);
}
