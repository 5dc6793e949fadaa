import type { HeaderPair } from "../http/send-bytes.ts";

/** What `dev` found out about a request. */
export interface Verdict {
  /** In one or two words, such as `genuine` or `wrong signature`. */
  readonly verdict: string;
  /** Why it was refused, and what to change; null when there is nothing to say. */
  readonly explanation: string | null;
  /** The event's name; null when the body is not that of an event. */
  readonly event: string | null;
  /** The event's id; null when it has none. */
  readonly eventId: string | null;
  /** The event's key in the inbox of `dev`; null when it is not there. */
  readonly inboxKey: string | null;
}

/** `request.json` of a recording. The body is beside it, in `body.bin`. */
export interface RecordedRequest extends Verdict {
  /** ISO 8601. */
  readonly receivedAt: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** As they came, in their order. */
  readonly headers: readonly HeaderPair[];
  /** The SHA-256 of the body, in hex. */
  readonly sha256: string;
  /** Whether the body was larger than what is kept of it. */
  readonly isCut: boolean;
}

/** `response.json` of a recording. */
export interface RecordedResponse {
  /** `dev`, or the address that the request was forwarded to. */
  readonly from: string;
  readonly status: number;
  /** How long it took, in milliseconds. */
  readonly ms: number;
  readonly headers: readonly HeaderPair[];
  /** Whole: a text where it is UTF-8, else base64. */
  readonly body: string;
  readonly encoding: "utf8" | "base64";
}

/** A recording: one request, and its answer. */
export interface Recording {
  /** The name of its folder. Ids sort by time. */
  readonly id: string;
  /** Its folder. */
  readonly folder: string;
  readonly request: RecordedRequest;
  readonly body: Uint8Array;
  /** Undefined while there is none. */
  readonly response: RecordedResponse | undefined;
}

/** The text of bytes that are UTF-8; undefined for others. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** An answer's body, as `response.json` has it. */
export function encodedBody(bytes: Uint8Array): Pick<RecordedResponse, "body" | "encoding"> {
  const text = textOf(bytes);
  return text === undefined
    ? { body: Buffer.from(bytes).toString("base64"), encoding: "base64" }
    : { body: text, encoding: "utf8" };
}
