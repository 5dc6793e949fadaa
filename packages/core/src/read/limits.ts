import { Refusal } from "../errors/refusal.ts";

/** The limits of reading a body. */
export interface ReadLimits {
  /** The largest accepted body, in bytes, counted while reading. Default: 1 048 576 (1 MiB). */
  readonly maxBytes?: number;
  /** How long reading the body may take, in milliseconds. Default: 10 000. */
  readonly bodyTimeoutMs?: number;
}

export const DEFAULT_MAX_BYTES = 1_048_576;
export const DEFAULT_MAX_BUFFERED_BYTES = 67_108_864;
export const DEFAULT_BODY_TIMEOUT_MS = 10_000;

/** The refusal of a body that is over the limit. */
export function tooLarge(maxBytes: number): Refusal {
  return new Refusal("BODY_TOO_LARGE", `The body is larger than ${maxBytes} bytes (\`maxBytes\`).`);
}
