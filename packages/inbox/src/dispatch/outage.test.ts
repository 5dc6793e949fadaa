import { expect, it } from "vitest";
import { scaled } from "../../faults/scale.ts";
import { testClock } from "../../test/test-clock.ts";
import { createInbox } from "../index.ts";
import { memoryStore } from "../stores/memory/index.ts";

/** `pnpm faults` sends all 10,000. */
const EVENTS = scaled(2_500, 2_500, 10_000);
const [MINUTE_MS, HOUR_MS] = [60_000, 3_600_000];
const OUTAGE_MS = 12 * HOUR_MS;
/** One error for all: 150,000 stack traces would take most of the time. */
const DOWN = new Error("down");
const encoder = new TextEncoder();

/** Random numbers that are the same in every run. */
function randomNumbers(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Lives through an outage of the system that the handler calls, in virtual time. The events arrive evenly. */
async function outage() {
  const { clock, pass } = testClock();
  const startMs = clock.now();
  const passedMs = () => clock.now() - startMs;
  const until = (ms: number) => pass(ms - passedMs());
  const starts = new Map<number, number>();
  const inbox = createInbox({
    store: memoryStore({ now: clock.now }),
    clock: { ...clock, random: randomNumbers() },
    pollMs: 5_000,
    on: {
      UNRECOGNIZED: () => {
        const minute = Math.floor(passedMs() / MINUTE_MS);
        starts.set(minute, (starts.get(minute) ?? 0) + 1);
        if (passedMs() < OUTAGE_MS) throw DOWN;
      },
    },
    onError: () => {},
  });
  inbox.start();
  for (let index = 0; index < EVENTS; index++) {
    await until((index * OUTAGE_MS) / EVENTS);
    const event = { event: "UNRECOGNIZED", eventId: `evt_${index}`, name: "NEW", issues: [], data: {} };
    const body = encoder.encode(JSON.stringify({ event: "NEW", eventId: event.eventId, data: {} }));
    // This test does not need a signature, so the bytes count as verified.
    const delivery = { body: body as never, headers: new Headers(), receivedAtMs: clock.now() };
    await inbox.deliver(delivery, event as never, {});
  }
  await until(OUTAGE_MS + 2 * HOUR_MS);
  const { counts } = await inbox.stats();
  await inbox.close();
  const busiest = (fromMs: number, toMs: number) =>
    Math.max(
      ...[...starts].map(([minute, count]) => (minute >= fromMs / MINUTE_MS && minute < toMs / MINUTE_MS ? count : 0)),
    );
  return {
    counts,
    during: busiest(OUTAGE_MS - HOUR_MS, OUTAGE_MS),
    after: busiest(OUTAGE_MS, Number.POSITIVE_INFINITY),
  };
}

it("an outage of 12 hours leaves no event dead, and no minute after it is busier than its last hour", async () => {
  const { counts, during, after } = await outage();
  expect(counts).toMatchObject({ done: EVENTS, dead: 0, retry: 0, received: 0, processing: 0 });
  expect(after).toBeGreaterThan(0);
  expect(after).toBeLessThanOrEqual(during);
});
