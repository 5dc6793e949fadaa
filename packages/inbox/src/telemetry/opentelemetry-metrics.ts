import type { Attributes, BatchObservableCallback, Counter, Histogram, Meter } from "@opentelemetry/api";
import type { Telemetry, TelemetryCounter, TelemetryDuration, TelemetryLabels } from "../ports/telemetry.ts";

/** The boundaries that the semantic conventions advise for durations in messaging, in seconds. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * The operation of each measurement that has a name of the semantic conventions for messaging, which demand it as an attribute.
 * https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/
 */
const OPERATIONS: Partial<Record<TelemetryCounter | TelemetryDuration, string>> = {
  deliveries: "receive",
  accept: "receive",
  handler: "process",
};

interface Instruments {
  readonly counters: Readonly<Record<TelemetryCounter, Counter>>;
  readonly durations: Readonly<Record<TelemetryDuration, Histogram>>;
}

/** The half of a telemetry that measures. `meterOf` is called each time, because an SDK may be registered late. */
export function metricsOf(meterOf: () => Meter): Required<Omit<Telemetry, "span">> {
  const instruments = perMeter(meterOf, instrumentsOf);
  return {
    count: (counter, labels) => instruments().counters[counter].add(1, attributesOf(labels, OPERATIONS[counter])),
    record: (duration, seconds, labels) =>
      instruments().durations[duration].record(seconds, attributesOf(labels, OPERATIONS[duration])),
    observe: (source, read) => observe(meterOf(), source, read),
  };
}

/** Makes something once for each meter. */
function perMeter<T>(meterOf: () => Meter, make: (meter: Meter) => T): () => T {
  let latest: { readonly meter: Meter; readonly made: T } | undefined;
  return () => {
    const meter = meterOf();
    if (latest?.meter !== meter) latest = { meter, made: make(meter) };
    return latest.made;
  };
}

function instrumentsOf(meter: Meter): Instruments {
  const counter = (name: string, unit: string, description: string) => meter.createCounter(name, { unit, description });
  const duration = (name: string, description: string) =>
    meter.createHistogram(name, { unit: "s", description, advice: { explicitBucketBoundaries: BOUNDARIES } });
  return {
    counters: {
      deliveries: counter("messaging.client.consumed.messages", "{message}", "Genuine deliveries, by outcome"),
      handled: counter("popp_webhooks.events.handled", "{event}", "Events that became done, by outcome"),
      failed: counter("popp_webhooks.attempts.failed", "{attempt}", "Attempts to handle an event that failed"),
      dead: counter("popp_webhooks.events.dead", "{event}", "Events that became dead"),
      redriven: counter("popp_webhooks.events.redriven", "{event}", "Events that an operator made due again"),
    },
    durations: {
      accept: duration("messaging.client.operation.duration", "How long the store took for a delivery"),
      handler: duration("messaging.process.duration", "How long an attempt to handle an event took"),
    },
  };
}

/** Reads the store once for all gauges of a collection. */
function observe(meter: Meter, source: string, read: Parameters<NonNullable<Telemetry["observe"]>>[1]): () => void {
  const stored = meter.createObservableGauge("popp_webhooks.events.stored", {
    ...{ unit: "{event}", description: "Events in the store, by state" },
  });
  const oldestDue = meter.createObservableGauge("popp_webhooks.events.oldest_due", {
    ...{ unit: "s", description: "How long the longest due event has been due" },
  });
  const collect: BatchObservableCallback = async (result) => {
    const stats = await read();
    if (stats === undefined) return;
    for (const [state, count] of Object.entries(stats.counts))
      result.observe(stored, count, { ...sourceOf(source), "popp.event.state": state });
    result.observe(oldestDue, stats.oldestDueMs / 1_000, sourceOf(source));
  };
  meter.addBatchObservableCallback(collect, [stored, oldestDue]);
  return () => meter.removeBatchObservableCallback(collect, [stored, oldestDue]);
}

function attributesOf({ source, eventName, outcome }: TelemetryLabels, operation: string | undefined): Attributes {
  return {
    ...sourceOf(source),
    "popp.event.name": eventName,
    ...(operation !== undefined && { "messaging.operation.name": operation, "messaging.operation.type": operation }),
    ...(outcome !== undefined && { "popp.outcome": outcome }),
  };
}

function sourceOf(source: string): Attributes {
  return { "messaging.system": "popp", "messaging.destination.name": source };
}
