/** What reading a body may take. */
export interface ReadLimits {
  /** The largest body that is read, in bytes, counted while reading. Default: 1 MiB. */
  readonly maxBytes: number;
  /** How long reading may take altogether, in milliseconds. Default: 10 000. */
  readonly bodyTimeoutMs: number;
}

/** The limits where the options say nothing. */
export function readLimits(options: Partial<ReadLimits>): ReadLimits {
  return { maxBytes: options.maxBytes ?? 1024 * 1024, bodyTimeoutMs: options.bodyTimeoutMs ?? 10_000 };
}
