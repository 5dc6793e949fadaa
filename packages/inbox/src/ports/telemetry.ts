/** A span of an inbox. */
export interface SpanRequest {
  /** `receive`: an event is stored. `process`: a handler runs. */
  readonly operation: "receive" | "process";
  /** The event's name as received. */
  readonly eventName: string;
  /** The event's id; null when it has none. */
  readonly eventId: string | null;
  /** The source of the inbox. */
  readonly source: string;
  /** The size of the body, in bytes. */
  readonly bodyBytes: number;
  /** The number of the attempt, with `process` only. */
  readonly attempt?: number;
  /** The headers of the delivery that are kept, `traceparent` among them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Traces an inbox. `openTelemetry()` of `@popp-webhooks/inbox/opentelemetry` makes one. */
export interface Telemetry {
  /** Runs work inside a span, and marks the span as failed when the work rejects. */
  span<T>(request: SpanRequest, work: () => Promise<T>): Promise<T>;
}

/** Wraps a telemetry so that its failures cannot affect the work: the work runs once, and its result counts. */
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
        // Either the work failed, and `once` rejects below, or the tracing failed.
      }
      return once();
    },
  };
}

/** Traces nothing. */
export const noTelemetry: Telemetry = { span: (_, work) => work() };
