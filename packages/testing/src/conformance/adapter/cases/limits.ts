import { Agent } from "node:http";
import { assert } from "../../assert.ts";
import { pause } from "../../pause.ts";
import { CONFORMANCE_MAX_BYTES } from "../../receiver.ts";
import type { AdapterCase } from "../adapter-case.ts";
import { type DeliveryChanges, delivery, type Exchange, eventText } from "../exchange.ts";
import { send, writeHalf } from "../http-client.ts";
import { assertSameAnswer, assertSameAsCore, coreAnswer, sameAsCore } from "../same-as-core.ts";

const padded = (bytes: number) => eventText().padEnd(bytes, " ");

/** A refusal must reach its client, and cost it nothing but the one request. */
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
    // Time for a server that closes the connection after its answer to do so.
    await pause(100);
    const next = await send(url, await delivery(eventText()), agent);
    assert(next.status === 200, `expected the next request to be served, but received ${next.status}`);
    assert(next.reused, "expected the connection to stay open after the refusal, but it was closed");
  } finally {
    agent.destroy();
  }
}

/** By one byte, and by so much that no buffer on the way holds it. */
const overLimit = (changes: DeliveryChanges = {}) =>
  Promise.all([CONFORMANCE_MAX_BYTES + 1, 4 * 1024 * 1024].map((bytes) => delivery(padded(bytes), changes)));
const CHUNKED: DeliveryChanges = { chunkBytes: 16_384 };
const readingLate = (exchanges: readonly Exchange[]) =>
  exchanges.map((exchange): Exchange => ({ ...exchange, readsLate: true }));

/** Sizes, methods, and clients that do not behave. */
export const limitCases: readonly AdapterCase[] = [
  sameAsCore("takes a body of exactly the limit", async () => [await delivery(padded(CONFORMANCE_MAX_BYTES))]),
  sameAsCore("refuses one byte more, announced", async () => [await delivery(padded(CONFORMANCE_MAX_BYTES + 1))]),
  sameAsCore("refuses one byte more, in chunks", async () => [
    await delivery(padded(CONFORMANCE_MAX_BYTES + 1), { chunkBytes: 4_096 }),
  ]),
  connectionSurvives("serves the connection's next request after an announced body over the limit", () => overLimit()),
  connectionSurvives("serves the connection's next request after a chunked body over the limit", () =>
    overLimit(CHUNKED),
  ),
  connectionSurvives("serves the connection's next request after a forged delivery", async () => [
    await delivery(eventText(), { signatures: [["x-signature", "0".repeat(64)]] }),
  ]),
  connectionSurvives("serves the connection's next request after a compressed delivery", async () => [
    await delivery(eventText(), { headers: [["content-encoding", "gzip"]] }),
  ]),
  connectionSurvives("gives its 413 to a client that reads only after it has written everything", async () =>
    readingLate([...(await overLimit(CHUNKED)), ...(await overLimit())]),
  ),
  {
    name: "serves others after a client has gone away in the middle of its body",
    async run({ url }) {
      await writeHalf(url, await delivery(padded(32_768)));
      await assertSameAsCore(url, await delivery(eventText()));
    },
  },
  ...["GET", "HEAD", "PUT", "DELETE", "PATCH"].map((method) =>
    sameAsCore(`refuses ${method}, and says what it takes`, async () => {
      const bodiless = method === "GET" || method === "HEAD";
      return [await delivery(bodiless ? "" : eventText(), { method })];
    }),
  ),
  {
    name: "leaves the app's other routes their own JSON parsing",
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
