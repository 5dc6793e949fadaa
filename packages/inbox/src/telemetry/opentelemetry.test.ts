import { context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventOf, stage } from "../../test/stage.ts";
import { memoryStore } from "../stores/memory/index.ts";
import { openTelemetry } from "./opentelemetry.ts";

/** The header of a sender that traces its deliveries (https://www.w3.org/TR/trace-context/). */
const SENDER = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const traceparent = `00-${SENDER.traceId}-${SENDER.spanId}-01`;

const spans = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
beforeAll(() => provider.register());
beforeEach(() => spans.reset());
afterAll(async () => {
  await provider.shutdown();
  trace.disable();
  context.disable();
  propagation.disable();
});

const ended = () => spans.getFinishedSpans();
const sendersOf = (span: ReturnType<typeof ended>[number] | undefined) => span?.links.map((link) => link.context);

describe("openTelemetry", () => {
  it("creates a span with messaging attributes for each delivery and each handler run", async () => {
    const { send, inbox } = stage({ telemetry: openTelemetry(), on: { CONVERSATION_STARTED: () => {} } });
    const event = eventOf("evt_1");
    await send(event, undefined, { traceparent });
    await inbox.sweep();
    const shared = {
      "messaging.system": "popp",
      "messaging.destination.name": "popp",
      "messaging.message.id": "evt_1",
      "messaging.message.body.size": JSON.stringify(event).length,
      "popp.event.name": "CONVERSATION_STARTED",
    };
    expect(ended().map(({ name, kind, attributes }) => ({ name, kind, attributes }))).toEqual([
      {
        name: "receive popp",
        kind: SpanKind.CONSUMER,
        attributes: { ...shared, "messaging.operation.name": "receive", "messaging.operation.type": "receive" },
      },
      {
        name: "process popp",
        kind: SpanKind.CONSUMER,
        attributes: {
          ...shared,
          "messaging.operation.name": "process",
          "messaging.operation.type": "process",
          "popp.attempt": 1,
        },
      },
    ]);
    expect(ended().map(({ instrumentationScope }) => instrumentationScope.name)).toEqual([
      "@popp-webhooks/inbox",
      "@popp-webhooks/inbox",
    ]);
  });

  it("links both to the trace of the delivery, even when the handler runs later", async () => {
    const { send, inbox } = stage({ telemetry: openTelemetry(), on: { CONVERSATION_STARTED: () => {} } });
    await send(eventOf("evt_1"), undefined, { traceparent });
    await send(eventOf("evt_2"), undefined, { traceparent: "of nobody" });
    await inbox.sweep();
    const [received, unlinked, processed, alone] = ended();
    expect([sendersOf(received), sendersOf(processed)]).toMatchObject([[SENDER], [SENDER]]);
    expect([sendersOf(unlinked), sendersOf(alone)]).toEqual([[], []]);
    expect(processed?.parentSpanContext).toBeUndefined();
  });

  it("is the parent of spans that a handler creates", async () => {
    const { send, inbox } = stage({
      telemetry: openTelemetry(),
      on: { CONVERSATION_STARTED: () => trace.getTracer("app").startActiveSpan("write", async (span) => span.end()) },
    });
    await send(eventOf("evt_1"));
    await inbox.sweep();
    const processed = ended().find(({ name }) => name === "process popp");
    const written = ended().find(({ name }) => name === "write");
    expect(written?.parentSpanContext?.spanId).toBe(processed?.spanContext().spanId);
  });

  it("records the class of an error and not its message", async () => {
    class CandidateUnknown extends Error {
      override readonly name = "CandidateUnknown";
    }
    const thrown = [new CandidateUnknown("ada@example.com"), "ada@example.com"];
    const { send, inbox } = stage({
      telemetry: openTelemetry(),
      maxAttempts: 1,
      on: {
        CONVERSATION_STARTED: () => {
          throw thrown.shift();
        },
      },
    });
    await send(eventOf("evt_1"));
    await send(eventOf("evt_2"));
    await inbox.sweep();
    const failed = ended().filter(({ name }) => name === "process popp");
    expect(failed.map(({ status, attributes }) => [status, attributes["error.type"]])).toEqual([
      [{ code: SpanStatusCode.ERROR }, "CandidateUnknown"],
      [{ code: SpanStatusCode.ERROR }, "string"],
    ]);
    expect(failed.flatMap(({ events }) => events)).toEqual([]);
    expect(JSON.stringify(failed.map(({ attributes, status }) => [attributes, status]))).not.toContain("ada@");
  });

  it("marks a delivery as failed when the store fails", async () => {
    const { send } = stage({ store: memoryStore({ maxEvents: 1 }), telemetry: openTelemetry() });
    expect([await send(eventOf("evt_1")), await send(eventOf("evt_2"))]).toEqual([200, 503]);
    expect(ended().map(({ status, attributes }) => [status.code, attributes["error.type"]])).toEqual([
      [SpanStatusCode.UNSET, undefined],
      [SpanStatusCode.ERROR, "WebhookError"],
    ]);
  });

  it("uses the given tracer and records the source", async () => {
    const { send } = stage({ telemetry: openTelemetry({ tracer: trace.getTracer("mine") }), source: "staging" });
    await send(eventOf("evt_1"));
    expect(ended().map(({ name, instrumentationScope }) => [name, instrumentationScope.name])).toEqual([
      ["receive staging", "mine"],
    ]);
  });

  it("does nothing when no SDK is registered", async () => {
    trace.disable();
    const { send, inbox } = stage({ telemetry: openTelemetry(), on: { CONVERSATION_STARTED: () => {} } });
    expect(await send(eventOf("evt_1"), undefined, { traceparent })).toBe(200);
    expect(await inbox.sweep()).toEqual({ done: 1, retry: 0, dead: 0 });
    expect(ended()).toEqual([]);
  });
});
