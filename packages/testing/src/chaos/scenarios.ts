import { signedRequest } from "../sign/signed-request.ts";
import type { ChaosAnswer, ChaosScenario, ChaosStage } from "./scenario.ts";

const sign = ({ url, secret }: ChaosStage, payload: object | string, headers: Record<string, string> = {}) =>
  signedRequest(payload, { secret, url, headers });

const accepted = ({ status }: ChaosAnswer) => status === 200;
const refusedAs = (status: number) => (answers: readonly ChaosAnswer[]) =>
  answers.every((answer) => answer.status === status);
/** Held back: to be sent again, and when. */
const heldBack = ({ status, retryAfter }: ChaosAnswer) => status === 503 && retryAfter !== null;

/** How many duplicates arrive at once. */
const AT_ONCE = 20;

/** Above any sensible limit of a webhook's body. */
const HUGE_BYTES = 8 * 1024 * 1024;

/** What goes wrong in the wild, as data: the order is that in which `runChaos` stages it. */
export const scenarios: readonly ChaosScenario[] = [
  {
    name: "genuine",
    sent: "One signed event.",
    expected: "200.",
    advice:
      "Check the secret, and that the bytes are verified before anything parses them: explainMismatch in @popp-webhooks/core/diagnose says which.",
    run: async (stage) => [await stage.send(await sign(stage, stage.freshEvent()))],
    holds: (answers) => answers.every(accepted),
  },
  {
    name: "duplicate",
    sent: "The same event twice, one after the other.",
    expected: "200 both times: the second is known, and a refusal would have it sent again.",
    advice: "Answer a duplicate with 200, and go by eventId, not by signature.",
    run: async (stage) => {
      const event = stage.freshEvent();
      return [await stage.send(await sign(stage, event)), await stage.send(await sign(stage, event))];
    },
    holds: (answers) => answers.every(accepted),
  },
  {
    name: "concurrent-duplicates",
    sent: `The same event ${AT_ONCE} times at once, and once more.`,
    expected: "200 at least once; the others 200, or 503 with retry-after; 200 in the end.",
    advice:
      "Claim an event's id before its handler runs, so that two at once cannot both win; answer the losers with 503 and retry-after while the first is still at work.",
    run: async (stage) => {
      const event = stage.freshEvent();
      const requests = await Promise.all(Array.from({ length: AT_ONCE }, () => sign(stage, event)));
      const answers = await Promise.all(requests.map(stage.send));
      return [...answers, await stage.send(await sign(stage, event))];
    },
    holds: (answers) =>
      answers.every((answer) => accepted(answer) || heldBack(answer)) &&
      answers.slice(-1).every(accepted) &&
      answers.slice(0, -1).some(accepted),
  },
  {
    name: "out-of-order",
    sent: "A newer event, then an older one.",
    expected: "200 both times: Popp promises no order.",
    advice:
      "Take events in any order: compare eventTimestamp in your handler where it matters, and do not refuse what is late.",
    run: async (stage) => {
      const newer = { ...stage.freshEvent(), eventTimestamp: "2026-11-23T10:00:00.000Z" };
      const older = { ...stage.freshEvent(), eventTimestamp: "2026-11-23T09:00:00.000Z" };
      return [await stage.send(await sign(stage, newer)), await stage.send(await sign(stage, older))];
    },
    holds: (answers) => answers.every(accepted),
  },
  {
    name: "unknown-event",
    sent: "A signed event with a name that no document has.",
    expected: "200: Popp adds events without notice.",
    advice: "Answer what you do not know with 200, and put it on record.",
    run: async (stage) => [
      await stage.send(await sign(stage, { ...stage.freshEvent(), event: "SOMETHING_NEWER_THAN_THE_SDK" })),
    ],
    holds: (answers) => answers.every(accepted),
  },
  {
    name: "tampered",
    sent: "An event of which one byte was changed after it was signed.",
    expected: "401.",
    advice: "Verify the exact bytes that arrived, and refuse before anything else looks at them.",
    run: async (stage) => {
      const body = JSON.stringify(stage.freshEvent());
      const genuine = await sign(stage, body);
      return [
        await stage.send(await sign(stage, `${body} `, { "x-signature": genuine.headers.get("x-signature") ?? "" })),
      ];
    },
    holds: refusedAs(401),
  },
  {
    name: "wrong-secret",
    sent: "An event that was signed with another secret.",
    expected: "401.",
    advice: "Refuse what does not verify: no secret, or an empty one, must not mean that everything passes.",
    run: async (stage) =>
      Promise.all(
        [" ", `${stage.secret}x`].map(async (secret) =>
          stage.send(await sign({ ...stage, secret }, stage.freshEvent())),
        ),
      ),
    holds: refusedAs(401),
  },
  {
    name: "unsigned",
    sent: "An event without a signature, and one with an empty one.",
    expected: "401 both times.",
    advice: "Refuse a missing signature as you refuse a wrong one.",
    run: async (stage) => {
      const { url } = stage;
      const bare = new Request(url, {
        method: "POST",
        body: JSON.stringify(stage.freshEvent()),
        headers: { "content-type": "application/json" },
      });
      return [await stage.send(bare), await stage.send(await sign(stage, stage.freshEvent(), { "x-signature": "" }))];
    },
    holds: refusedAs(401),
  },
  {
    name: "huge",
    sent: `A signed body of ${HUGE_BYTES} bytes.`,
    expected: "413.",
    advice: "Count the bytes while you read, stop at a limit, and answer with 413 rather than close the connection.",
    run: async (stage) => [await stage.send(await sign(stage, JSON.stringify(stage.freshEvent()).padEnd(HUGE_BYTES)))],
    holds: refusedAs(413),
  },
  {
    name: "slow-chunks",
    sent: "A signed event in small chunks with pauses, cut in the middle of characters.",
    expected: "200.",
    advice: "Join the chunks as bytes, and decode once, after verifying.",
    run: async (stage) => {
      const body = new TextEncoder().encode(JSON.stringify({ ...stage.freshEvent(), note: "é😀".repeat(8) }));
      const { headers } = await signedRequest(body, stage);
      return [
        await stage.send(
          new Request(stage.url, { method: "POST", headers, body: inChunks(body), duplex: "half" } as RequestInit),
        ),
      ];
    },
    holds: (answers) => answers.every(accepted),
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
