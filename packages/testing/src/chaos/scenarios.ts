import { signedRequest } from "../sign/signed-request.ts";
import type { ChaosAnswer, ChaosContext, ChaosScenario } from "./scenario.ts";

const sign = ({ url, secret }: ChaosContext, payload: object | string, headers: Record<string, string> = {}) =>
  signedRequest(payload, { secret, url, headers });

const accepted = ({ status }: ChaosAnswer) => status === 200;
const refusedAs = (status: number) => (answers: readonly ChaosAnswer[]) =>
  answers.every((answer) => answer.status === status);
/** A refusal that asks for a retry. */
const retryLater = ({ status, retryAfter }: ChaosAnswer) => status === 503 && retryAfter !== null;

/** The number of concurrent duplicates. */
const AT_ONCE = 20;

/** More than any reasonable body limit of a webhook. */
const HUGE_BYTES = 8 * 1024 * 1024;

/** The scenarios, in the order in which `runChaos` runs them. */
export const scenarios: readonly ChaosScenario[] = [
  {
    name: "genuine",
    sent: "One signed event.",
    expected: "200.",
    advice:
      "Check the secret, and verify the bytes before anything parses them. explainMismatch of @popp-webhooks/core/diagnose finds the cause.",
    run: async (context) => [await context.send(await sign(context, context.freshEvent()))],
    passes: (answers) => answers.every(accepted),
  },
  {
    name: "duplicate",
    sent: "The same event twice, one after the other.",
    expected: "200 both times. A refusal would make Popp send it again.",
    advice: "Answer a duplicate with 200. Recognize it by its eventId, not by its signature.",
    run: async (context) => {
      const event = context.freshEvent();
      return [await context.send(await sign(context, event)), await context.send(await sign(context, event))];
    },
    passes: (answers) => answers.every(accepted),
  },
  {
    name: "concurrent-duplicates",
    sent: `The same event ${AT_ONCE} times at once, and once more afterwards.`,
    expected: "200 at least once, 200 or 503 with retry-after for the others, and 200 for the last.",
    advice:
      "Claim the eventId before the handler runs, so that only one of two concurrent deliveries runs it. Answer the others with 503 and retry-after until the first has finished.",
    run: async (context) => {
      const event = context.freshEvent();
      const requests = await Promise.all(Array.from({ length: AT_ONCE }, () => sign(context, event)));
      const answers = await Promise.all(requests.map(context.send));
      return [...answers, await context.send(await sign(context, event))];
    },
    passes: (answers) =>
      answers.every((answer) => accepted(answer) || retryLater(answer)) &&
      answers.slice(-1).every(accepted) &&
      answers.slice(0, -1).some(accepted),
  },
  {
    name: "out-of-order",
    sent: "A newer event, then an older one.",
    expected: "200 both times. Popp does not document an order.",
    advice:
      "Accept events in any order. Where the order matters, compare eventTimestamp in your handler; do not refuse a late event.",
    run: async (context) => {
      const newer = { ...context.freshEvent(), eventTimestamp: "2026-11-23T10:00:00.000Z" };
      const older = { ...context.freshEvent(), eventTimestamp: "2026-11-23T09:00:00.000Z" };
      return [await context.send(await sign(context, newer)), await context.send(await sign(context, older))];
    },
    passes: (answers) => answers.every(accepted),
  },
  {
    name: "unknown-event",
    sent: "A signed event with an undocumented name.",
    expected: "200. Popp adds events without notice.",
    advice: "Answer an unknown event with 200 and log it.",
    run: async (context) => [
      await context.send(await sign(context, { ...context.freshEvent(), event: "SOMETHING_NEWER_THAN_THE_SDK" })),
    ],
    passes: (answers) => answers.every(accepted),
  },
  {
    name: "tampered",
    sent: "A signed event with one byte added after signing.",
    expected: "401.",
    advice: "Verify the exact bytes of the request, and refuse them before anything else reads them.",
    run: async (context) => {
      const body = JSON.stringify(context.freshEvent());
      const genuine = await sign(context, body);
      return [
        await context.send(
          await sign(context, `${body} `, { "x-signature": genuine.headers.get("x-signature") ?? "" }),
        ),
      ];
    },
    passes: refusedAs(401),
  },
  {
    name: "wrong-secret",
    sent: "Two events, signed with other secrets.",
    expected: "401.",
    advice: "Refuse a wrong signature. A missing or empty secret must not accept every delivery.",
    run: async (context) =>
      Promise.all(
        [" ", `${context.secret}x`].map(async (secret) =>
          context.send(await sign({ ...context, secret }, context.freshEvent())),
        ),
      ),
    passes: refusedAs(401),
  },
  {
    name: "unsigned",
    sent: "An event without a signature, and one with an empty signature.",
    expected: "401 both times.",
    advice: "Refuse a missing signature like a wrong one.",
    run: async (context) => {
      const { url } = context;
      const bare = new Request(url, {
        method: "POST",
        body: JSON.stringify(context.freshEvent()),
        headers: { "content-type": "application/json" },
      });
      return [
        await context.send(bare),
        await context.send(await sign(context, context.freshEvent(), { "x-signature": "" })),
      ];
    },
    passes: refusedAs(401),
  },
  {
    name: "huge",
    sent: `A signed body of ${HUGE_BYTES} bytes.`,
    expected: "413.",
    advice:
      "Count the bytes while reading and stop at a limit. Answer with 413; do not close the connection without an answer.",
    run: async (context) => [
      await context.send(await sign(context, JSON.stringify(context.freshEvent()).padEnd(HUGE_BYTES))),
    ],
    passes: refusedAs(413),
  },
  {
    name: "slow-chunks",
    sent: "A signed event in small chunks with pauses, which split characters.",
    expected: "200.",
    advice: "Join the chunks as bytes. Decode once, after verifying.",
    run: async (context) => {
      const body = new TextEncoder().encode(JSON.stringify({ ...context.freshEvent(), note: "é😀".repeat(8) }));
      const { headers } = await signedRequest(body, context);
      return [
        await context.send(
          new Request(context.url, { method: "POST", headers, body: inChunks(body), duplex: "half" } as RequestInit),
        ),
      ];
    },
    passes: (answers) => answers.every(accepted),
  },
];

/** Chunks of seven bytes, one every two milliseconds. */
function inChunks(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      controller.enqueue(bytes.slice(at, at + 7));
      at += 7;
      if (at >= bytes.length) controller.close();
    },
  });
}
