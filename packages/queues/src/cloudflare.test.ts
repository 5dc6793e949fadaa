import { RetryLaterError } from "@popp-webhooks/inbox";
import { describe, expect, it } from "vitest";
import { cloudflareQueue, toQueueConsumer } from "./cloudflare.ts";

const ref = { source: "popp", key: "5".repeat(32) };

/** A message that says what became of it. */
function messageOf(attempts = 1) {
  const ends: unknown[] = [];
  return {
    ends,
    body: ref,
    attempts,
    ack: () => void ends.push("ack"),
    retry: (options: unknown) => void ends.push(options),
  };
}

describe("the consumer", () => {
  it.each<[string, unknown, number, unknown]>([
    ["handled", undefined, 1, "ack"],
    ["to come back in a moment", new RetryLaterError(1), 1, { delaySeconds: 1 }],
    ["to come back later", new RetryLaterError(90_500), 1, { delaySeconds: 91 }],
    ["to come back after more than Cloudflare takes", new RetryLaterError(10 ** 9), 1, { delaySeconds: 43_200 }],
    ["held up by the store", new Error("down"), 1, { delaySeconds: 2 }],
    ["held up by the store again", new Error("down"), 4, { delaySeconds: 16 }],
    ["held up by the store for long", new Error("down"), 90, { delaySeconds: 300 }],
  ])("answers for each message by itself: %s", async (_, error, attempts, expected) => {
    const other = messageOf();
    const message = messageOf(attempts);
    const consumer = toQueueConsumer({
      process: async () => {
        if (other.ends.length > 0 && error !== undefined) throw error;
        return "done";
      },
    });
    await consumer.queue({ messages: [other] }, {});
    await consumer.queue({ messages: [message, messageOf()] }, {});
    expect([other.ends, message.ends]).toEqual([["ack"], [expected]]);
  });

  it("creates one inbox per environment, with the first batch", async () => {
    const made: object[] = [];
    const consumer = toQueueConsumer((env: object) => {
      made.push(env);
      return { process: async () => "done" as const };
    });
    const [live, test] = [{}, {}];
    expect(made).toEqual([]);
    for (const env of [live, live, test, live]) await consumer.queue({ messages: [messageOf()] }, env);
    expect(made).toEqual([live, test]);
  });
});

it("sends the reference as JSON with the delay in whole seconds", async () => {
  const sent: unknown[] = [];
  const queue = cloudflareQueue({ send: async (...values) => void sent.push(values) });
  await queue.enqueue(ref);
  await queue.enqueue(ref, { delayMs: 1_001 });
  await queue.enqueue(ref, { delayMs: 10 ** 9 });
  const json = (delaySeconds: number) => [ref, { contentType: "json", delaySeconds }];
  expect(sent).toEqual([json(0), json(2), json(43_200)]);
});
