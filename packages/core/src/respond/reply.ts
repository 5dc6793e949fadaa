/** The answer to a delivery, for frameworks that write it themselves. */
export interface Reply {
  /** The HTTP status. */
  readonly status: number;
  /** The headers to set, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body: a short JSON text. */
  readonly body: string;
}
