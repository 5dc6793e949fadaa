import { quietly } from "@popp-webhooks/core/internal";
import type { StoreStats } from "./queries.ts";

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

/**
 * What an inbox counts.
 *
 * - `deliveries`: genuine deliveries that reached the inbox, by outcome
 * - `handled`: events that became `done`, by outcome
 * - `failed`: attempts that failed
 * - `dead`: events that became `dead`
 * - `redriven`: events that an operator made due again
 */
export type TelemetryCounter = "deliveries" | "handled" | "failed" | "dead" | "redriven";

/**
 * What an inbox times.
 *
 * - `accept`: how long the store takes for a delivery, by its outcome
 * - `handler`: how long an attempt takes whose handler is called, by its outcome
 */
export type TelemetryDuration = "accept" | "handler";

/** What a measurement is about. There are few different values of each label. */
export interface TelemetryLabels {
  /** The source of the inbox. */
  readonly source: string;
  /** The event's name, if it is in the catalog. `UNRECOGNIZED` for all others, and for bodies that are no event. */
  readonly eventName: string;
  /**
   * How it ended. `deliveries` and `accept`: `accepted`, `duplicate`, `conflict` (stored already with another body), `rejected` (not an event,
   * or too old) or `failed` (the store did not take it). `handled`: `done`, `unhandled` (there is no handler) or `superseded` (see `latestOnly`).
   * `handler`: `done`, `failed` or `put-off` (by a `RetryLaterError`, or because the process shuts down).
   */
  readonly outcome?:
    | "accepted"
    | "duplicate"
    | "conflict"
    | "rejected"
    | "failed"
    | "done"
    | "unhandled"
    | "superseded"
    | "put-off";
}

/**
 * Traces and measures an inbox. `openTelemetry()` of `@popp-webhooks/inbox/opentelemetry` makes one. Errors of its methods are ignored.
 */
export interface Telemetry {
  /** Runs work inside a span, and marks the span as failed when the work rejects. */
  span<T>(request: SpanRequest, work: () => Promise<T>): Promise<T>;
  /** Adds one to a counter. */
  count?(counter: TelemetryCounter, labels: TelemetryLabels): void;
  /** Records how long something took, in seconds. */
  record?(duration: TelemetryDuration, seconds: number, labels: TelemetryLabels): void;
  /**
   * Called when an inbox starts, so that the telemetry can read the state of its store whenever it needs it.
   *
   * @param source - the source of the inbox
   * @param read - asks the store once; never rejects. Undefined when the store fails, of which `onError` is told
   * @returns a function that is called when the inbox closes: `read` must not be called after that
   */
  observe?(source: string, read: () => Promise<StoreStats | undefined>): () => void;
}

/** Wraps a telemetry so that its failures cannot affect the work: the work runs once, and its result counts. */
export function safeTelemetry(telemetry: Telemetry): Required<Telemetry> {
  return {
    count: (counter, labels) => quietly(() => telemetry.count?.(counter, labels)),
    record: (duration, seconds, labels) => quietly(() => telemetry.record?.(duration, seconds, labels)),
    observe: (source, read) => {
      let stop: (() => void) | undefined;
      quietly(() => {
        stop = telemetry.observe?.(source, read);
      });
      return () => quietly(() => stop?.());
    },
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

/** Traces and measures nothing. */
export const noTelemetry: Required<Telemetry> = {
  span: (_, work) => work(),
  count: () => {},
  record: () => {},
  observe: () => () => {},
};
