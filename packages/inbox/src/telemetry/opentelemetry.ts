/**
 * Traces and measures an inbox with OpenTelemetry.
 *
 * @packageDocumentation
 */
import {
  type Attributes,
  context,
  type Meter,
  metrics,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { SpanRequest, Telemetry } from "../ports/telemetry.ts";
import { metricsOf } from "./opentelemetry-metrics.ts";

const SCOPE = "@popp-webhooks/inbox";

/** The options of {@link openTelemetry}. */
export interface OpenTelemetryOptions {
  /** The tracer. Default: the one that the global provider gives for `@popp-webhooks/inbox`. */
  readonly tracer?: Tracer;
  /** The meter. Default: the one that the global provider gives for `@popp-webhooks/inbox`. */
  readonly meter?: Meter;
}

/**
 * Creates OpenTelemetry spans and metrics for an inbox, with the names and attributes of the semantic conventions for messaging.
 *
 * There is one span for each delivery and one for each run of a handler. A handler runs later, perhaps in another process. Its span has a link
 * to the trace of the delivery instead of being its child. The metrics are counters and durations, and in an inbox that is started, the number
 * of events by state and how long the oldest due event waits, for which each collection asks the store once.
 *
 * Register the SDK before `inbox.start()`.
 *
 * @param options - the tracer and the meter
 *
 * @example
 * ```ts
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { memoryStore } from "@popp-webhooks/inbox/memory";
 * import { openTelemetry } from "@popp-webhooks/inbox/opentelemetry";
 *
 * const inbox = createInbox({ store: memoryStore(), telemetry: openTelemetry(), on: {} });
 * ```
 */
export function openTelemetry({ tracer, meter }: OpenTelemetryOptions = {}): Telemetry {
  return {
    ...metricsOf(() => meter ?? metrics.getMeter(SCOPE)),
    span: (request, work) => {
      const using = tracer ?? trace.getTracer(SCOPE);
      const name = `${request.operation} ${request.source}`;
      const options = { kind: SpanKind.CONSUMER, attributes: attributesOf(request), links: linksOf(request) };
      return using.startActiveSpan(name, options, (span) => finish(span, work));
    },
  };
}

async function finish<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // Only the class: the message of an error may contain personal data.
    span.setAttribute("error.type", error instanceof Error ? error.name : typeof error);
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}

/** The attributes of OpenTelemetry's semantic conventions for messaging. */
function attributesOf({ operation, eventName, eventId, source, bodyBytes, attempt }: SpanRequest): Attributes {
  return {
    "messaging.system": "popp",
    "messaging.destination.name": source,
    "messaging.operation.name": operation,
    "messaging.operation.type": operation,
    "messaging.message.body.size": bodyBytes,
    "popp.event.name": eventName,
    ...(eventId !== null && { "messaging.message.id": eventId }),
    ...(attempt !== undefined && { "popp.attempt": attempt }),
  };
}

function linksOf({ headers }: SpanRequest) {
  const sender = trace.getSpanContext(propagation.extract(context.active(), headers));
  return sender === undefined || sender === trace.getSpanContext(context.active()) ? [] : [{ context: sender }];
}
