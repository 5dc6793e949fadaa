import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { createReceiver } from "@popp-webhooks/core";
import { createInbox, RetryLaterError } from "@popp-webhooks/inbox";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import { openTelemetry } from "@popp-webhooks/inbox/opentelemetry";
import { fixture, signedRequest } from "@popp-webhooks/testing";
import { beforeAll, describe, expect, it, vi } from "vitest";

const read = (file: string) => readFileSync(new URL(file, import.meta.url), "utf8");
const secret = "the signing secret";
const ignore = () => {};

/** What Prometheus reads from an inbox that has stored, refused, handled, retried, given up and redriven events. */
async function scrape(): Promise<string> {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const ends = [new RetryLaterError(0)];
  const fail = () => {
    throw ends.pop() ?? new Error("down");
  };
  const inbox = createInbox({
    store: memoryStore({ maxEvents: 3 }),
    maxAttempts: 1,
    onError: ignore,
    telemetry: openTelemetry({ meter: provider.getMeter("popp") }),
    on: { ANALYSIS_CREATED: fail },
  });
  const { fetch: receive } = createReceiver({ secret, inbox, onError: ignore });
  const send = async (name: "ANALYSIS_CREATED" | "DOCUMENT_UPLOADED", eventId: string, recordId = "1") =>
    receive(await signedRequest(fixture(name, { eventId, data: { recordId } }), { secret }));
  await send("DOCUMENT_UPLOADED", "1");
  await send("DOCUMENT_UPLOADED", "1", "a conflict");
  for (const id of ["2", "3", "the store is full"]) await send("ANALYSIS_CREATED", id);
  inbox.start();
  const settled = () =>
    vi.waitFor(async () => expect((await inbox.stats()).counts).toMatchObject({ dead: 2, done: 1 }), {
      timeout: 150_000,
    });
  await settled();
  await inbox.redrive({ state: "dead" });
  await settled();
  const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`);
  const text = await answer.text();
  server.close();
  await inbox.close();
  await provider.shutdown();
  return text;
}

/** The names and labels of a scrape, and each label with its values. */
function seriesOf(text: string) {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const labels = lines.flatMap((line) =>
    [...line.matchAll(/(\w+)="([^"]*)"/g)].map(([pair, name = ""]) => [name, pair]),
  );
  return { names: new Set(lines.map((line) => line.split(/[{ ]/)[0] ?? "")), labels: new Set(labels.flat()) };
}

/** What an expression asks for: metrics by name or by pattern, labels, and labels with a value. */
function asked(expression: string) {
  const patterns = [...expression.matchAll(/__name__=~"([^"]+)"/g)].map(([, pattern = ""]) => pattern);
  const rest = expression.replaceAll(/__name__=~"[^"]+"/g, "");
  const names = [...rest.matchAll(/\b(?:popp_webhooks|messaging_(?:client|process))_\w+/g)].map(([name]) => name);
  const pairs = [...rest.matchAll(/\w+="[^"$]*"/g)].map(([pair]) => pair);
  const compared = [...rest.matchAll(/(\w+)=~?"/g)].map(([, name = ""]) => name);
  const grouped = [...rest.matchAll(/by \(([^)]+)\)/g)].flatMap(([, list = ""]) => list.split(", "));
  return { metrics: [...patterns, ...names], labels: [...pairs, ...compared, ...grouped] };
}

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
  readonly templating: { readonly list: readonly { readonly query: string }[] };
}

const dashboard: Dashboard = JSON.parse(read("public/grafana-dashboard.json"));
/** The alerts of the page by name: what stands between `expr:` and the next key. */
const alerts = [
  ...read("guide/production.md").matchAll(
    /- alert: (\w+)\n\s+expr: (?:\|\n)?([\s\S]*?)(?=\n\s+(?:for:|- alert:)|\n```)/g,
  ),
];
const expressions = [
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  ...alerts.map(([, name = "", expr = ""]) => [name, expr] as const),
];
let series: ReturnType<typeof seriesOf>;

describe("what the dashboard and the alerts ask for is in a scrape", () => {
  beforeAll(async () => {
    series = seriesOf(await scrape());
  });

  it.each(expressions)("%s: %s", (_, expression) => {
    const { metrics, labels } = asked(expression);
    expect(metrics.length).toBeGreaterThan(0);
    for (const metric of metrics)
      expect([...series.names].filter((name) => new RegExp(`^(?:${metric})$`).test(name))).toHaveLength(1);
    expect(labels.filter((label) => !series.labels.has(label))).toEqual([]);
  });

  it("with all six alerts", () => {
    expect(alerts).toHaveLength(6);
  });

  it("in the variable of the inbox", () => {
    const [, name = "", label = ""] =
      /label_values\((\w+), (\w+)\)/.exec(dashboard.templating.list[1]?.query ?? "") ?? [];
    expect([series.names.has(name), series.labels.has(label)]).toEqual([true, true]);
  });

  it("and no metric of the page is missing from the dashboard", () => {
    const page = [...read("guide/telemetry.md").matchAll(/^\| `([a-z_.]+)` \| (?:counter|histogram|gauge)/gm)];
    const text = JSON.stringify(dashboard.panels);
    expect(page.length).toBeGreaterThan(8);
    expect(page.map(([, name = ""]) => name.replaceAll(".", "_")).filter((name) => !text.includes(name))).toEqual([]);
  });
});
