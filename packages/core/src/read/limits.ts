import { Refusal } from "../errors/refusal.ts";

/** What reading a body may take. */
export interface ReadLimits {
  /** The largest body that is read, in bytes, counted while reading. */
  readonly maxBytes?: number;
  /** How long reading may take altogether, in milliseconds. */
  readonly bodyTimeoutMs?: number;
}

export const DEFAULT_MAX_BYTES = 1_048_576;
export const DEFAULT_BODY_TIMEOUT_MS = 10_000;

/** The refusal of a body that is over the limit. */
export function tooLarge(maxBytes: number): Refusal {
  return new Refusal("BODY_TOO_LARGE", `The body is larger than ${maxBytes} bytes (\`maxBytes\`).`);
}
