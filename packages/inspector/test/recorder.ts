import type { Receiver } from "@popp-webhooks/core";
import { explainMismatch } from "@popp-webhooks/core/diagnose";
import type { RecordingDetail, Recordings } from "../src/index.ts";

type Pairs = RecordingDetail["headers"];

const VERDICTS: Readonly<Record<string, string>> = {
  SIGNATURE_MISSING: "no signature",
  SIGNATURE_MISMATCH: "wrong signature",
};

/** A recorder in memory before a receiver. */
export function recorder(receiver: Receiver, secret: string) {
  const kept: RecordingDetail[] = [];
  let version = 0;

  async function deliver(body: Uint8Array, headers: Pairs, path = "/webhooks/popp"): Promise<Response> {
    const startedAt = performance.now();
    const [id, signature] = [`req_${1_000 + kept.length}`, headers.find(([name]) => name === "x-signature")?.[1]];
    const method = "POST";
    const request = new Request(`http://127.0.0.1${path}`, {
      method,
      headers: headers.map((pair) => [...pair]),
      body: Buffer.from(body),
    });
    const response = await receiver.fetch(request);
    const text = await response.clone().text();
    const code: string = JSON.parse(text).error?.code ?? "";
    const event = eventOf(body);
    kept.unshift({
      ...{ id, atMs: Date.now(), method, path, headers, body, status: response.status },
      durationMs: performance.now() - startedAt,
      verdict: VERDICTS[code] ?? "genuine",
      explanation: response.ok
        ? null
        : code in VERDICTS
          ? (await explainMismatch({ body, signature, secret })).explanation
          : JSON.parse(text).error.message,
      event: event.event ?? null,
      eventId: response.ok ? (event.eventId ?? null) : null,
      response: { headers: [...response.headers], body: new TextEncoder().encode(text) },
    });
    version++;
    return response;
  }

  const recordings: Recordings = {
    list: async ({ before, limit }) => {
      const from = before === null ? 0 : kept.findIndex(({ id }) => id === before) + 1;
      return kept.slice(from, from + limit).map(({ headers: _, body: __, response: ___, ...recording }) => recording);
    },
    get: async (id) => kept.find((recording) => recording.id === id),
    version: () => `${version}`,
  };
  return { deliver, recordings };
}

function eventOf(body: Uint8Array): { event?: string; eventId?: string } {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return {};
  }
}
