import { isWebhookError, verifySignature } from "@popp-webhooks/core";
import { explainMismatch } from "@popp-webhooks/core/diagnose";
import { type EventVerdict, judgeEvent } from "./judge-event.ts";

/** What was given to the page. */
export interface GivenDelivery {
  readonly body: Uint8Array;
  readonly signature: string;
  readonly secret: string;
}

/** Why a delivery is refused. */
interface Refusal {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  /** What `explainMismatch` found. */
  readonly cause?: string;
  readonly explanation?: string;
}

/** What a receiver makes of a delivery: it is genuine, and its event is judged, or it is refused. */
export type DeliveryVerdict = { readonly event: EventVerdict } | { readonly refusal: Refusal };

/** Judges a delivery with core itself, here in the browser. */
export async function judgeDelivery({ body, signature, secret }: GivenDelivery): Promise<DeliveryVerdict> {
  try {
    const verified = await verifySignature({ body, signature }, { secret });
    return { event: judgeEvent(verified) };
  } catch (error) {
    if (!isWebhookError(error)) throw error;
    const { code, status, message } = error;
    const isExplained = code.startsWith("SIGNATURE_") || code === "SECRET_MISSING";
    return {
      refusal: { code, status, message, ...(isExplained && (await explainMismatch({ body, signature, secret }))) },
    };
  }
}
