/** What an inbox traces. */
export interface SpanRequest {
  /** `receive`: a delivery is taken on record. `process`: a handler runs. */
  readonly operation: "receive" | "process";
  /** The event's name on the wire. */
  readonly eventName: string;
  /** The event's id, if it has one. */
  readonly eventId: string | null;
  /** Whose events they are. */
  readonly source: string;
  /** The size of the body, in bytes. */
  readonly bodyBytes: number;
  /** Which attempt it is; of handler runs only. */
  readonly attempt?: number;
  /** The headers that came with the delivery and are kept, `traceparent` among them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Where an inbox sends its traces; `openTelemetry()` of `@popp-webhooks/inbox/opentelemetry` makes one. */
export interface Telemetry {
  /** Runs work inside a span, and marks the span as failed when the work rejects. */
  span<T>(request: SpanRequest, work: () => Promise<T>): Promise<T>;
}

/** Traces nothing. */
export const noTelemetry: Telemetry = { span: (_, work) => work() };
