import { Agent } from "node:http";
import { assert } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { CONFORMANCE_MAX_BYTES } from "../../receiver.ts";
import type { AdapterCase } from "../adapter-case.ts";
import { type DeliveryChanges, delivery, type Exchange, eventText } from "../exchange.ts";
import { send, writeHalf } from "../http-client.ts";
import { assertSameAnswer, assertSameAsCore, coreAnswer, sameAsCore } from "../same-as-core.ts";

const padded = (bytes: number) => eventText().padEnd(bytes, " ");

/** A case in which the client must receive the refusal and can reuse its connection. */
function connectionSurvives(name: string, refused: () => Promise<readonly Exchange[]>): AdapterCase {
  return {
    name,
    async run({ url }) {
      for (const exchange of await refused()) await refusedThenServed(url, exchange);
    },
  };
}

async function refusedThenServed(url: string, refused: Exchange): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    assertSameAnswer(await send(url, refused, agent), refused.method, await coreAnswer(refused));
    // Gives a server that closes the connection after its answer time to do so.
    await pause(100);
    const next = await send(url, await delivery(eventText()), agent);
    assert(next.status === 200, `expected the next request to be served, but received ${next.status}`);
    assert(next.reused, "expected the connection to stay open after the refusal, but it was closed");
  } finally {
    agent.destroy();
  }
}

/** One body that is a byte too long, and one that is larger than all buffers on the way. */
const overLimit = (changes: DeliveryChanges = {}) =>
  Promise.all([CONFORMANCE_MAX_BYTES + 1, 4 * 1024 * 1024].map((bytes) => delivery(padded(bytes), changes)));
const CHUNKED: DeliveryChanges = { chunkBytes: 16_384 };
const readingLate = (exchanges: readonly Exchange[]) =>
  exchanges.map((exchange): Exchange => ({ ...exchange, readsLate: true }));

/** Rules for body sizes, methods and misbehaving clients. */
export const limitCases: readonly AdapterCase[] = [
  sameAsCore("accepts a body of exactly the size limit", async () => [await delivery(padded(CONFORMANCE_MAX_BYTES))]),
  sameAsCore("refuses a body over the limit with a content-length", async () => [
    await delivery(padded(CONFORMANCE_MAX_BYTES + 1)),
  ]),
  sameAsCore("refuses a chunked body over the limit", async () => [
    await delivery(padded(CONFORMANCE_MAX_BYTES + 1), { chunkBytes: 4_096 }),
  ]),
  connectionSurvives("keeps the connection after refusing a body over the limit with a content-length", () =>
    overLimit(),
  ),
  connectionSurvives("keeps the connection after refusing a chunked body over the limit", () => overLimit(CHUNKED)),
  connectionSurvives("keeps the connection after refusing a forged delivery", async () => [
    await delivery(eventText(), { signatures: [["x-signature", "0".repeat(64)]] }),
  ]),
  connectionSurvives("keeps the connection after refusing a compressed delivery", async () => [
    await delivery(eventText(), { headers: [["content-encoding", "gzip"]] }),
  ]),
  connectionSurvives("a client that writes everything before it reads receives the 413", async () =>
    readingLate([...(await overLimit(CHUNKED)), ...(await overLimit())]),
  ),
  {
    name: "serves the next client after one disconnects during its body",
    async run({ url }) {
      await writeHalf(url, await delivery(padded(32_768)));
      await assertSameAsCore(url, await delivery(eventText()));
    },
  },
  ...["GET", "HEAD", "PUT", "DELETE", "PATCH"].map((method) =>
    sameAsCore(`refuses ${method} and names the allowed method`, async () => {
      const bodiless = method === "GET" || method === "HEAD";
      return [await delivery(bodiless ? "" : eventText(), { method })];
    }),
  ),
  {
    name: "the app's other routes still parse JSON",
    needs: "jsonUrl",
    async run({ jsonUrl = "" }) {
      const { status, body } = await send(jsonUrl, await delivery('{"parsed": [1.0, "\\u00e9"]}'));
      assert(
        status === 200 && body === '{"parsed":[1,"é"]}',
        `expected {"parsed":[1,"é"]}, but received ${status} ${body}`,
      );
    },
  },
];
