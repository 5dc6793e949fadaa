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

/** Keeps what fails in the tracing away from the work: it is done once, and its outcome counts. */
export function safeTelemetry(telemetry: Telemetry): Telemetry {
  return {
    span: async (request, work) => {
      let working: ReturnType<typeof work> | undefined;
      const once = () => {
        working ??= work();
        return working;
      };
      try {
        await telemetry.span(request, once);
      } catch {
        // Either the work failed, and will say so below, or the tracing did.
      }
      return once();
    },
  };
}

/** Traces nothing. */
export const noTelemetry: Telemetry = { span: (_, work) => work() };
