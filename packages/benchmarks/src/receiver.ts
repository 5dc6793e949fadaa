import { createReceiver } from "@popp-webhooks/core";
import { compare } from "./compare.ts";
import { oneOfEach, SECRET } from "./deliveries.ts";
import type { Result } from "./result.ts";

const TARGET_US = 20;

export async function receiver(rounds: number): Promise<Result[]> {
  const { fetch } = createReceiver({ secret: SECRET, on: {} });
  const request = (at: number) => {
    const { body, signature } = oneOfEach[at % oneOfEach.length] ?? { body: Buffer.alloc(0), signature: "" };
    return new Request("http://localhost/webhooks/popp", {
      method: "POST",
      body: new Uint8Array(body),
      headers: { "x-signature": signature },
    });
  };
  const timings = await compare(
    {
      floor: async (times) => {
        for (let at = 0; at < times; at++) await request(at).arrayBuffer();
      },
      ours: async (times) => {
        for (let at = 0; at < times; at++) await fetch(request(at));
      },
    },
    rounds,
  );
  const differenceUs = (timings.ours.median - timings.floor.median) / 1_000;
  const spread = timings.ours.quartiles
    .map((quartile) => ((quartile - timings.floor.median) / 1_000).toFixed(1))
    .join("–");
  return [
    {
      what: "createReceiver().fetch",
      against: "the same Request, read with arrayBuffer()",
      measured: `+ ${differenceUs.toFixed(1)} µs`,
      spread,
      target: `≤ + ${TARGET_US} µs`,
      met: differenceUs <= TARGET_US,
    },
  ];
}
