import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createReceiver } from "@popp-webhooks/core";
import { describe, expect, it } from "vitest";
import { runChaos } from "./run-chaos.ts";
import type { ChaosEndpoint, ScenarioName } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

const secret = "the signing secret";
const slowly = () => new Promise((resolve) => setTimeout(resolve, 20));
const receiver = () => createReceiver({ secret, on: { CONVERSATION_COMPLETED: slowly } });
const answer = (status: number) => new Response("{}", { status });

describe("runChaos", () => {
  it("passes a receiver, as a function and over HTTP", async () => {
    const { receive, fetch } = receiver();
    const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
      const { status, headers, body } = await receive({
        method: request.method ?? "",
        headers: request.headers,
        body: request,
      });
      response.writeHead(status, headers).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    for (const target of [fetch, url]) {
      const seen: string[] = [];
      const results = await runChaos(target, { secret, onResult: ({ scenario }) => seen.push(scenario) });
      expect(results.filter(({ passed }) => !passed)).toEqual([]);
      expect(seen).toEqual(scenarios.map(({ name }) => name));
    }
    server.close();
    server.closeAllConnections();
  });

  const wrong: [string, ChaosEndpoint, ScenarioName[]][] = [
    ["believes everything", () => answer(200), ["tampered", "wrong-secret", "unsigned", "huge"]],
    ["is down", () => Promise.reject(new Error("down")), scenarios.map(({ name }) => name)],
    [
      "has another secret",
      createReceiver({ secret: "other", on: {} }).fetch,
      ["genuine", "duplicate", "concurrent-duplicates", "out-of-order", "unknown-event", "slow-chunks"],
    ],
    [
      "refuses what it does not know",
      async (request) =>
        (await request.clone().text()).includes("SOMETHING_NEWER") ? answer(400) : receiver().fetch(request),
      ["unknown-event"],
    ],
    ["answers duplicates with a conflict", oncePerId(409), ["duplicate", "concurrent-duplicates"]],
    ["joins chunks as text", asText(), ["slow-chunks"]],
  ];

  it.each(wrong)("fails an endpoint that %s and suggests a change", async (_, endpoint, expected) => {
    const failed = (await runChaos(endpoint, { secret })).filter(({ passed }) => !passed);
    expect(failed.map(({ scenario }) => scenario)).toEqual(expected);
    for (const { advice } of failed) expect(advice).toMatch(/\.$|which/);
  });

  it("repeats the code and the message of the endpoint's own answer, each once", async () => {
    const { fetch } = createReceiver({ secret: "another secret", on: {}, onError: () => {} });
    const options = { secret, only: ["genuine", "duplicate", "tampered"] } as const;
    const [genuine, duplicate, tampered] = await runChaos(fetch, options);
    const errors = [{ code: "SIGNATURE_MISMATCH", message: expect.stringMatching(/signature.*\.$/i) }];
    expect(genuine).toMatchObject({ passed: false, statuses: [401], errors });
    expect(duplicate).toMatchObject({ passed: false, statuses: [401, 401], errors });
    expect(tampered).not.toHaveProperty("errors");
  });

  it.each(["", "no JSON", "[]", "null", '{"error":"text"}', '{"error":{"code":1,"message":"m"}}'])(
    "reports no error of an answer without code and message: %j",
    async (body) => {
      const [result] = await runChaos(() => new Response(body, { status: 400 }), { secret, only: ["genuine"] });
      expect(result).toMatchObject({ passed: false, statuses: [400] });
      expect(result).not.toHaveProperty("errors");
    },
  );

  it("reads a bounded part of an answer and cancels the rest", async () => {
    let pulled = 0;
    let cancelled = 0;
    const endless = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(new Uint8Array(++pulled && 16_384).fill(0x61)),
        cancel: () => void cancelled++,
      });
    const [result] = await runChaos(() => new Response(endless()), { secret, only: ["genuine"] });
    expect(result).toMatchObject({ passed: true, statuses: [200] });
    expect(cancelled).toBe(1);
    expect(pulled).toBeLessThanOrEqual(6);
  });

  it("aborts a request on timeout, and reading an endless answer", async () => {
    const signals: AbortSignal[] = [];
    const silent: ChaosEndpoint = ({ signal }) => {
      signals.push(signal);
      return new Promise<Response>(() => {});
    };
    await runChaos(silent, { secret, only: ["genuine"], timeoutMs: 20 });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);

    let cancelled = 0;
    const unending = () => new Response(new ReadableStream({ cancel: () => void cancelled++ }));
    const [result] = await runChaos(unending, { secret, only: ["genuine"], timeoutMs: 20 });
    expect(result).toMatchObject({ passed: false, statuses: [0] });
    expect(cancelled).toBe(1);
  });

  it("closes the connection of a server that does not answer", async () => {
    let closed: () => void = () => {};
    const connectionClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const server = createServer((request) => request.socket.once("close", closed));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await runChaos(url, { secret, only: ["genuine"], timeoutMs: 50 });
    await connectionClosed;
    server.close();
  });

  it("counts silence as a failure and goes on", async () => {
    const silent = () => new Promise<Response>(() => {});
    const results = await runChaos(silent, { secret, only: ["genuine", "tampered"], timeoutMs: 20 });
    expect(results.map(({ passed, statuses }) => ({ passed, statuses }))).toEqual([
      { passed: false, statuses: [0] },
      { passed: false, statuses: [0] },
    ]);
  });

  it("does not follow redirects", async () => {
    const server = createServer((request, response) => {
      if (request.url === "/login") response.end("Log in, please.");
      else response.writeHead(303, { location: "/login" }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const [result] = await runChaos(url, { secret, only: ["genuine"] });
    server.close();
    server.closeAllConnections();
    expect(result).toMatchObject({ passed: false, statuses: [303] });
  });

  it("never has more than 64 requests in flight", async () => {
    let [now, most] = [0, 0];
    const { fetch } = receiver();
    await runChaos(
      async (request) => {
        most = Math.max(most, ++now);
        return fetch(request).finally(() => now--);
      },
      { secret },
    );
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(64);
  });

  it("runs only the selected scenarios", async () => {
    const results = await runChaos(() => answer(401), { secret, only: ["tampered"] });
    expect(results).toEqual([expect.objectContaining({ scenario: "tampered", passed: true, statuses: [401] })]);
  });
});

function oncePerId(status: number): ChaosEndpoint {
  const seen = new Set<string>();
  const { fetch } = createReceiver({ secret, on: {} });
  return async (request) => {
    const text = await request.clone().text();
    const id = /"eventId":"([^"]+)"/.exec(text)?.[1] ?? "";
    const response = await fetch(request);
    if (response.status !== 200 || !seen.has(id)) {
      if (response.status === 200) seen.add(id);
      return response;
    }
    return answer(status);
  };
}

/** Decodes each chunk by itself, which breaks characters that were cut. */
function asText(): ChaosEndpoint {
  const { fetch } = createReceiver({ secret, on: {} });
  return async (request) => {
    let text = "";
    for await (const chunk of request.body ?? new ReadableStream<Uint8Array>()) text += new TextDecoder().decode(chunk);
    return fetch(new Request(request.url, { method: "POST", headers: request.headers, body: text }));
  };
}
