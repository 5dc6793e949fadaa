import { assumeVerified, idempotencyKeyOf, isUnrecognized, parseEvent, type Reply } from "@popp-webhooks/core";
import { explainMismatch } from "@popp-webhooks/core/diagnose";
import type { HeaderPair } from "../http/send-bytes.ts";
import { signaturesOf } from "../http/signatures-of.ts";
import { textOf, type Verdict } from "../recordings/recording.ts";

const SIGNATURE_VERDICTS: Readonly<Record<string, string>> = {
  SIGNATURE_MISSING: "not signed",
  SIGNATURE_MALFORMED: "unreadable signature",
  SIGNATURE_MISMATCH: "wrong signature",
};

/** These refusals come before the signature is looked at. */
const BEFORE_VERIFYING = /^(METHOD_NOT_ALLOWED|ENCODING_UNSUPPORTED|BODY_|SECRET_MISSING|OVERLOADED|INTERNAL)/;

/** A request that the receiver has answered. */
export interface Judged {
  readonly headers: readonly HeaderPair[];
  readonly body: Uint8Array;
  readonly reply: Reply;
  readonly secret: string;
}

/** Says what the receiver's answer means: whether the signature matched, and why not. */
export async function verdictOf({ headers, body, reply, secret }: Judged): Promise<Verdict> {
  const { error } = JSON.parse(reply.body) as { error?: { code: string; message: string } };
  const verdict = SIGNATURE_VERDICTS[error?.code ?? ""];
  if (verdict !== undefined) {
    const signature = signaturesOf(headers);
    const { explanation } = await explainMismatch({ body, signature, secret, headers: Object.fromEntries(headers) });
    return { verdict, explanation, ...claimed(body), inboxKey: null };
  }
  if (error && BEFORE_VERIFYING.test(error.code))
    return { verdict: "not verified", explanation: error.message, ...claimed(body), inboxKey: null };
  const explanation = error?.message ?? null;
  try {
    const verified = assumeVerified(body);
    const event = parseEvent(verified);
    const name = isUnrecognized(event) ? event.name : event.event;
    const inboxKey = error ? null : await idempotencyKeyOf(event, verified);
    return { verdict: "genuine", explanation, event: name || null, eventId: event.eventId ?? null, inboxKey };
  } catch {
    return { verdict: "genuine", explanation, event: null, eventId: null, inboxKey: null };
  }
}

/** The names that a body gives itself. Nobody has verified them. */
function claimed(body: Uint8Array): Pick<Verdict, "event" | "eventId"> {
  try {
    const { event, eventId } = Object(JSON.parse(textOf(body) ?? "null"));
    return { event: typeof event === "string" ? event : null, eventId: typeof eventId === "string" ? eventId : null };
  } catch {
    return { event: null, eventId: null };
  }
}
