import type { HeaderSource } from "../read/delivery.ts";
import type { VerifiedBody } from "../verify/verified-body.ts";

/** A delivery whose signature was found genuine: what an inbox is given to keep. */
export interface VerifiedDelivery {
  /** The signed bytes, exactly as they came. */
  readonly body: VerifiedBody;
  /** The request's headers; store an allow-list of them at most. */
  readonly headers: HeaderSource;
  /** When it was received, in milliseconds since the epoch, by the receiver's clock. */
  readonly receivedAtMs: number;
}
