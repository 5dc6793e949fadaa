import { signPayload } from "../../sign/sign-payload.ts";
import { conformanceSecrets, type HandlerBehavior } from "../receiver.ts";

/** One HTTP request as sent: header names keep their case, and repeated headers are repeated. */
export interface Exchange {
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array<ArrayBuffer>;
  /** Sends the body in chunks of this many bytes, without a content-length. */
  readonly chunkBytes?: number;
  /** Reads nothing until everything is written, as many clients do. */
  readonly readsLate?: true;
}

/** The parts of a response that core decides. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** `content-type`, `allow` and `retry-after`, where they are set. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The response headers that core sets. Servers add others. */
export const OUR_HEADERS: readonly string[] = ["content-type", "allow", "retry-after"];

/** Creates an event id that was never used, not even by an earlier process. */
export function freshId(): string {
  return `evt_${crypto.randomUUID()}`;
}

/** Creates the JSON text of an event whose handler behaves as requested. */
export function eventText(behavior: HandlerBehavior = "return", eventId: string = freshId()): string {
  const data = { recordId: "rec_1", organizationId: "org_1", externalId: behavior };
  return JSON.stringify({ event: "CONVERSATION_STARTED", eventId, eventTimestamp: "2026-11-23T10:15:00.000Z", data });
}

/** Changes to a correctly signed delivery. */
export interface DeliveryChanges {
  readonly method?: string;
  /** Null sends no content-type. */
  readonly contentType?: string | null;
  readonly headers?: Exchange["headers"];
  /** The signature headers. Default: one `x-signature` with the signature in hex. */
  readonly signatures?: Exchange["headers"];
  readonly chunkBytes?: number;
}

/** Creates a correctly signed delivery and applies the changes. */
export async function delivery(
  body: string | Uint8Array<ArrayBuffer>,
  changes: DeliveryChanges = {},
): Promise<Exchange> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const { contentType = "application/json", method = "POST" } = changes;
  const signatures = changes.signatures ?? [["x-signature", await signPayload(bytes, conformanceSecrets[0])]];
  const type: Exchange["headers"] = contentType === null ? [] : [["content-type", contentType]];
  return {
    method,
    headers: [...type, ...signatures, ...(changes.headers ?? [])],
    body: bytes,
    ...(changes.chunkBytes !== undefined && { chunkBytes: changes.chunkBytes }),
  };
}

/** Converts to the `Request` that a web runtime would create. */
export function toRequest({ method, headers, body }: Exchange): Request {
  const joined = new Headers();
  for (const [name, value] of headers) joined.append(name, value);
  const bodiless = method === "GET" || method === "HEAD";
  return new Request("http://localhost/", { method, headers: joined, body: bodiless ? null : body });
}

/** Reads a web response. */
export async function answerOf(response: Response): Promise<Answer> {
  const headers: Record<string, string> = {};
  for (const name of OUR_HEADERS) {
    const value = response.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  return { status: response.status, body: await response.text(), headers };
}
