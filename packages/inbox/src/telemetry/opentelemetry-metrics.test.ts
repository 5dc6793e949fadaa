import { readFileSync } from "node:fs";
import { metrics } from "@opentelemetry/api";
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { afterEach, describe, expect, it } from "vitest";
import { eventOf, proxied, stage } from "../../test/stage.ts";
import { RetryLaterError, UnrecoverableError } from "../index.ts";
import { systemClock } from "../lib/clock.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { openTelemetry } from "./opentelemetry.ts";

const providers: MeterProvider[] = [];
afterEach(async () => {
  for (const provider of providers.splice(0)) await provider.shutdown();
  metrics.disable();
});

/** The SDK, with an exporter that keeps what it gets, and that collects only when it is told to. */
function sdk() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 31 - 1 });
  const provider = new MeterProvider({ readers: [reader] });
  providers.push(provider);
  /** Collects once. */
  async function collect() {
    await reader.forceFlush();
    const scopes = exporter.getMetrics().at(-1)?.scopeMetrics ?? [];
    exporter.reset();
    return scopes.flatMap(({ scope, metrics: all }) => all.map((metric) => ({ scope: scope.name, ...metric })));
  }
  return {
    provider,
    reader,
    telemetry: openTelemetry({ meter: provider.getMeter("mine") }),
    collect,
    /** The points of one metric: the values of their own attributes, and the value or, of a histogram, how many and their sum. */
    async points(name: string) {
      const metric = (await collect()).find(({ descriptor }) => descriptor.name === name);
      return metric?.dataPoints.map(({ attributes, value }) => {
        const { "popp.event.name": event, "popp.outcome": outcome, "popp.event.state": state } = attributes;
        const labels = [event, outcome, state].filter((label) => label !== undefined);
        return [...labels, typeof value === "number" ? value : [value.count, value.sum]];
      });
    },
  };
}

/** A clock that only the test moves. */
function ownClock() {
  let now = 0;
  const pass = (ms: number) => {
    now += ms;
  };
  return { clock: { ...systemClock, now: () => now }, pass };
}

/** What the docs call the types of metrics. */
const TYPES: Partial<Record<DataPointType, string>> = {
  [DataPointType.SUM]: "counter",
  [DataPointType.HISTOGRAM]: "histogram",
  [DataPointType.GAUGE]: "gauge",
};

const [started, uploaded] = ["CONVERSATION_STARTED", "DOCUMENT_UPLOADED"];

describe("deliveries", () => {
  it("are counted and timed by outcome, with names of the catalog only", async () => {
    const { telemetry, points, collect } = sdk();
    const { clock, pass } = ownClock();
    const memory = memoryStore({ maxEvents: 2 });
    const store = {
      ...proxied(memory),
      accept: (event: Parameters<typeof memory.accept>[0]) => {
        pass(250);
        return memory.accept(event);
      },
    };
    const { send } = stage({ telemetry, store, clock, source: "staging" });
    const first = eventOf("evt_1");
    await send(first);
    await send(first);
    await send({ ...first, data: { recordId: "conv_2", organizationId: "org_1" } });
    await send("no JSON");
    await send(eventOf("evt_2", { event: "ada@example.com" }));
    await send(eventOf("evt_3"));
    await send(eventOf("evt_4", { event: "toString" }));
    const ends = [
      [started, "accepted"],
      [started, "duplicate"],
      [started, "conflict"],
      ["UNRECOGNIZED", "rejected"],
      ["UNRECOGNIZED", "accepted"],
      [started, "failed"],
      ["UNRECOGNIZED", "failed"],
    ];
    expect(await points("messaging.client.consumed.messages")).toEqual(ends.map((labels) => [...labels, 1]));
    expect(await points("messaging.client.operation.duration")).toEqual(
      ends.map((labels) => [...labels, [1, labels[1] === "rejected" ? 0 : 0.25]]),
    );
    const shared = { "messaging.system": "popp", "messaging.destination.name": "staging" };
    const receive = { "messaging.operation.name": "receive", "messaging.operation.type": "receive" };
    for (const { dataPoints } of await collect())
      for (const { attributes } of dataPoints) expect(attributes).toMatchObject({ ...shared, ...receive });
  });
});

describe("attempts", () => {
  it("are counted and timed by how they end, and so are dead and redriven events", async () => {
    const { telemetry, points } = sdk();
    const { clock, pass } = ownClock();
    const ends = [
      new Error("down"),
      new RetryLaterError(0),
      undefined,
      new UnrecoverableError("no such candidate"),
      undefined,
    ];
    const { send, inbox } = stage({
      telemetry,
      clock,
      on: {
        CONVERSATION_STARTED: () => {
          pass(1_500);
          const end = ends.shift();
          if (end) throw end;
        },
      },
    });
    const untilDead = async () => {
      await inbox.sweep();
      return (await inbox.stats()).counts.dead;
    };
    await send(eventOf("evt_1"));
    await expect.poll(async () => (await inbox.sweep()).done).toBe(1);
    await send(eventOf("evt_2"));
    await send(eventOf("evt_3", { event: uploaded }));
    await expect.poll(untilDead).toBe(1);
    expect(await inbox.redrive({ state: "dead" })).toEqual({ redriven: 1 });
    await inbox.sweep();
    expect(await points("popp_webhooks.events.handled")).toEqual([
      [started, "done", 2],
      [uploaded, "unhandled", 1],
    ]);
    expect(await points("popp_webhooks.attempts.failed")).toEqual([[started, 2]]);
    expect(await points("popp_webhooks.events.dead")).toEqual([[started, 1]]);
    expect(await points("popp_webhooks.events.redriven")).toEqual([[started, 1]]);
    expect(await points("messaging.process.duration")).toEqual([
      [started, "failed", [2, 3]],
      [started, "put-off", [1, 1.5]],
      [started, "done", [2, 3]],
    ]);
  });
});

describe("the state of the store", () => {
  it("is read once for each collection, from the start of an inbox until it closes", async () => {
    const { telemetry, points, collect } = sdk();
    const memory = memoryStore();
    let reads = 0;
    const store = {
      ...proxied(memory),
      stats: (source: string) => {
        reads++;
        return memory.stats(source);
      },
    };
    const { inbox, send } = stage({ telemetry, store, on: "elsewhere" });
    await send(eventOf("evt_1"));
    await send(eventOf("evt_2"));
    // The inbox itself looks once a minute whether events wait for nobody.
    reads = 0;
    await collect();
    expect(reads).toBe(0);
    inbox.start();
    inbox.start();
    expect(await points("popp_webhooks.events.stored")).toEqual([
      ["received", 2],
      ["processing", 0],
      ["retry", 0],
      ["done", 0],
      ["dead", 0],
      ["rejected", 0],
    ]);
    expect(reads).toBe(1);
    await inbox.close();
    await collect();
    expect(reads).toBe(1);
  });

  it("tells in seconds how long the oldest event is due", async () => {
    const { telemetry, points } = sdk();
    let now = 1_800_000_000_000;
    const { inbox, send } = stage({ telemetry, store: memoryStore({ now: () => now }), on: "elsewhere" });
    inbox.start();
    await send(eventOf("evt_1"));
    now += 90_500;
    expect(await points("popp_webhooks.events.oldest_due")).toEqual([[90.5]]);
    await inbox.close();
  });

  it("is left out while the store fails, which only the operator is told", async () => {
    const { telemetry, points, reader } = sdk();
    const memory = memoryStore();
    let isDown = true;
    const errors: unknown[] = [];
    const store = {
      ...proxied(memory),
      stats: async (source: string) => {
        if (isDown) throw new Error("the store is down");
        return memory.stats(source);
      },
    };
    const onError = (error: unknown) => errors.push(error);
    const { inbox, send } = stage({ telemetry, store, onError, on: "elsewhere" });
    inbox.start();
    expect(await send(eventOf("evt_1"))).toBe(200);
    expect((await reader.collect()).errors).toEqual([]);
    expect(errors).toMatchObject([{ code: "STORE_UNAVAILABLE" }]);
    expect(await points("popp_webhooks.events.stored")).toBeUndefined();
    expect(await points("messaging.client.consumed.messages")).toEqual([[started, "accepted", 1]]);
    isDown = false;
    expect(await points("popp_webhooks.events.stored")).toContainEqual(["received", 1]);
    await inbox.close();
  });
});

describe("the meter", () => {
  it("is the one of the global provider by default, also of one that is registered late", async () => {
    const { provider, collect } = sdk();
    const { send } = stage({ telemetry: openTelemetry() });
    expect(await send(eventOf("evt_1"))).toBe(200);
    metrics.setGlobalMeterProvider(provider);
    await send(eventOf("evt_2"));
    expect((await collect()).map(({ scope, dataPoints }) => [scope, dataPoints.length])).toEqual([
      ["@popp-webhooks/inbox", 1],
      ["@popp-webhooks/inbox", 1],
    ]);
  });

  it("gets the metrics that the docs list, with their types and units", async () => {
    const { telemetry, collect } = sdk();
    const { send, inbox } = stage({
      telemetry,
      maxAttempts: 1,
      on: {
        CONVERSATION_STARTED: () => {
          throw new Error("down");
        },
      },
    });
    await send(eventOf("evt_1"));
    await send(eventOf("evt_2", { event: uploaded }));
    inbox.start();
    await expect.poll(async () => (await inbox.stats()).counts.dead).toBe(1);
    await inbox.redrive({});
    const made = (await collect()).map(
      ({ descriptor: { name, unit }, dataPointType }) => `| \`${name}\` | ${TYPES[dataPointType]} | \`${unit}\` |`,
    );
    await inbox.close();
    const page = readFileSync(new URL("../../../../docs/guide/telemetry.md", import.meta.url), "utf8");
    const listed = page.match(/^\| `[a-z_.]+` \| \w+ \| `[^`]+` \|/gm) ?? [];
    expect([...listed].sort()).toEqual(made.sort());
    expect(made).toHaveLength(9);
  });
});
