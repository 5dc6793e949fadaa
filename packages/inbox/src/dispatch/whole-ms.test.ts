import { expect, it } from "vitest";
import { eventOf, proxied, stage } from "../../test/stage.ts";
import { RetryLaterError } from "../index.ts";
import type { InboxStore } from "../ports/store.ts";
import { memoryStore } from "../stores/memory/index.ts";

/** A store that refuses fractions and infinity, as Postgres does, and tells of them. */
function strictStore(refused: string[]): InboxStore {
  const store = proxied(memoryStore());
  const check = (value: unknown): void => {
    if (typeof value === "number" && !Number.isSafeInteger(value)) {
      refused.push(String(value));
      throw new Error(`invalid input syntax for type bigint: ${value}`);
    }
    if (typeof value === "object" && value !== null) for (const part of Object.values(value)) check(part);
  };
  return new Proxy(store, {
    get: (target, name) => {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function" || name === "accept") return method;
      return async (...given: readonly unknown[]) => {
        check(given);
        return method(...given);
      };
    },
  });
}

it.each<[string, Parameters<typeof stage>[0], () => unknown]>([
  ["a wait of `retryDelayMs`", { retryDelayMs: (attempt) => 0.3 * 1.5 ** attempt }, () => new Error("no")],
  ["waits after crashes", { retryBaseMs: 1.2, retryMaxMs: 7.7 }, () => new Error("no")],
  ["the time of a RetryLaterError", {}, () => new RetryLaterError(0.5)],
  ["a lease", { leaseMs: 30_000.5 }, () => new Error("no")],
  ["days", { keepBodiesDays: 1.0000000001, keepDeadDays: Number.POSITIVE_INFINITY, keepEventsDays: 1e300 }, () => null],
])("%s with a fraction reaches the store as a whole number of milliseconds", async (_, options, thrown) => {
  const refused: string[] = [];
  let runs = 0;
  const { inbox, send, until } = stage({
    store: strictStore(refused),
    ...options,
    on: {
      CONVERSATION_STARTED: () => {
        if (++runs === 1) throw thrown();
      },
    },
    onError: () => {},
  });
  inbox.start();
  await send(eventOf("evt_1"));
  await until("done");
  await inbox.prune();
  expect([refused, runs]).toEqual([[], 2]);
  await inbox.close();
});

it.each([
  ["an overdue queue", { wakeGraceMs: 1.5, queue: { enqueue: async () => {} } }],
  ["an alarm", { alarmAfterMs: 1.5 }],
])("and so does the time of %s", async (_, options) => {
  const refused: string[] = [];
  const { inbox, send } = stage({ store: strictStore(refused), ...options, onError: () => {} });
  await send(eventOf("evt_1"));
  await inbox.sweep();
  expect(refused).toEqual([]);
  await inbox.close();
});
