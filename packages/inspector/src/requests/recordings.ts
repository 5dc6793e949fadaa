/** One request that reached the receiver, refused ones included. */
export interface Recording {
  /** Tells the recordings apart. */
  readonly id: string;
  /** When it came, in milliseconds since the epoch. */
  readonly atMs: number;
  /** Its method. */
  readonly method: string;
  /** Its path with the query. Where values are masked, the query is not shown. */
  readonly path: string;
  /** The status of the answer; null while there is none. */
  readonly status: number | null;
  /** How long the answer took, in milliseconds; null while there is none. */
  readonly durationMs: number | null;
  /** The verdict of the signature, in one or two words, such as `genuine` or `wrong signature`. */
  readonly verdict: string;
  /** Why it was refused and what to change, in sentences; null when there is nothing to say. Never a secret: it is shown as it is. */
  readonly explanation: string | null;
  /** The event's name; null when the body is not that of an event. */
  readonly event: string | null;
  /** The `idempotencyKey` of the event in the inbox; null when it is not there. */
  readonly eventId: string | null;
}

/** A recording with its headers and bodies. */
export interface RecordingDetail extends Recording {
  /** The headers of the request, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The bytes of the request's body. */
  readonly body: Uint8Array;
  /** The answer; null while there is none. */
  readonly response: {
    /** Its headers, in their order. */
    readonly headers: readonly (readonly [name: string, value: string])[];
    /** The bytes of its body. */
    readonly body: Uint8Array;
  } | null;
}

/** Where the inspector reads the requests that a recorder keeps. */
export interface Recordings {
  /**
   * Lists recordings, the newest first.
   *
   * @param query - `before`: the id of the recording after which the page begins; `limit`: how many at most
   */
  list(query: { readonly before: string | null; readonly limit: number }): Promise<readonly Recording[]>;
  /** Returns one recording; undefined when there is none with this id. */
  get(id: string): Promise<RecordingDetail | undefined>;
  /** Returns a text that differs once a recording was added or got its answer. It is asked for at each look for changes. */
  version(): string;
}
