import type { DurableInbox, EventRef, WakeQueue } from "@popp-webhooks/inbox";
import { afterEach, describe, expect, it } from "vitest";
import { note } from "../../inbox/faults/findings.ts";
import { scaled } from "../../inbox/faults/scale.ts";
import { type StageOptions, stage } from "./stage.ts";

/** An empty queue on its real engine. */
export interface Engine {
  /** The queue that the inbox receives. */
  readonly queue: WakeQueue;
  /** Starts a worker on the queue and returns a function that stops it. */
  work(inbox: DurableInbox): Promise<() => Promise<void>>;
  /** Adds a message even if the event already has one. */
  addAnother(message: unknown): Promise<void>;
  /** Deletes all messages. */
  loseAll(): Promise<void>;
  /** The number of waiting and delayed messages. */
  waiting(): Promise<number>;
  /** Makes delayed messages due. */
  runDelayed(): Promise<void>;
  /** The number of finished messages that are still kept. */
  kept(): Promise<number>;
  /** Removes the queue's data. */
  close(): Promise<void>;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const idsOf = (count: number, name = "evt") => Array.from({ length: count }, (_, index) => `${name}_${index}`);

/** Declares the rules for every queue, with one process that receives and one that works. */
export function describeQueue(name: string, open: () => Promise<Engine>): void {
  describe(`${name}: the conformance suite for queues`, () => {
    const toClose: (() => Promise<void>)[] = [];

    afterEach(async () => {
      for (const close of toClose.splice(0).reverse()) await close();
    });

    async function start(options: StageOptions = {}, wrap = (queue: WakeQueue) => queue) {
      const engine = await open();
      toClose.push(engine.close);
      const staged = stage(wrap(engine.queue), options);
      toClose.push(staged.close);
      return {
        ...staged,
        engine,
        async work(): Promise<void> {
          toClose.push(await engine.work(staged.working));
        },
      };
    }

    it("the worker handles 200 events, each exactly once", async () => {
      const { send, work, untilDone, runs, errors } = await start();
      const ids = idsOf(200);
      await work();
      expect(new Set(await Promise.all(ids.map(send)))).toEqual(new Set([200]));
      await untilDone(200);
      expect([...runs].sort()).toEqual([...ids].sort());
      expect(errors).toEqual([]);
    });

    it("retries a failed event when the inbox says", async () => {
      const attempts: number[] = [];
      const handler = (_: string, attempt: number) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error("the database is down");
      };
      const { send, work, untilDone, receiving, engine } = await start({ handler });
      await work();
      await send("evt_1");
      await untilDone(1);
      expect(attempts).toEqual([1, 2, 3]);
      expect(await receiving.get("evt_1")).toMatchObject({ state: "done", attempts: 3 });
      expect(await engine.waiting()).toBe(0);
    });

    it("handles an event once if its message is delivered three times", async () => {
      const refs: EventRef[] = [];
      const { send, work, untilDone, runs, engine, errors } = await start({ handler: () => wait(50) }, (queue) => ({
        enqueue: (ref) => {
          refs.push(ref);
          return queue.enqueue(ref);
        },
      }));
      const ids = idsOf(20);
      for (const id of ids) await send(id);
      await expect.poll(() => refs.length).toBe(20);
      for (const ref of refs) for (const _ of [1, 2]) await engine.addAnother(ref);
      await work();
      await untilDone(20);
      // Messages that arrived while their event was being handled are delayed until its lease would end.
      const waiting = async () => {
        await engine.runDelayed();
        return engine.waiting();
      };
      await expect.poll(waiting, { interval: 100 }).toBe(0);
      expect([...runs].sort()).toEqual([...ids].sort());
      expect(errors).toEqual([]);
    });

    it("handles events whose messages were not sent or were deleted", async (context) => {
      const half = scaled(50, 50, 2_500);
      const wakeGraceMs = 500;
      let isLost = true;
      const { send, work, untilDone, runs, engine, receiving } = await start({ wakeGraceMs }, (queue) => ({
        enqueue: async (ref) => void (isLost || (await queue.enqueue(ref))),
      }));
      const [dropped, obliterated] = [idsOf(half, "dropped"), idsOf(half, "obliterated")];
      for (const id of dropped) await send(id);
      isLost = false;
      for (const id of obliterated) await send(id);
      await expect.poll(() => engine.waiting()).toBe(half);
      await engine.loseAll();
      expect(await engine.waiting()).toBe(0);
      receiving.start();
      await work();
      const startedAtMs = Date.now();
      await untilDone(2 * half);
      const tookMs = Date.now() - startedAtMs;
      expect([...runs].sort()).toEqual([...dropped, ...obliterated].sort());
      note(context, `${2 * half} lost wake-ups, ${runs.length} runs, all done after ${(tookMs / 1_000).toFixed(1)} s`);
    });

    it("would not handle events with lost messages if nothing swept", async () => {
      const { send, work, untilDone, engine, runs, receiving } = await start({ wakeGraceMs: 1 });
      for (const id of idsOf(10)) await send(id);
      await expect.poll(() => engine.waiting()).toBe(10);
      await engine.loseAll();
      await work();
      await send("evt_last");
      await untilDone(1);
      expect([runs, (await receiving.stats()).counts.received]).toEqual([["evt_last"], 10]);
    });

    it("keeps one waiting message per event", async () => {
      const { send, engine, receiving, work, untilDone, runs } = await start({ wakeGraceMs: 1 });
      for (const id of idsOf(10)) await send(id);
      await expect.poll(() => engine.waiting()).toBe(10);
      await wait(20);
      // A new inbox sweeps for all due events.
      expect((await receiving.sweep()).woken).toBe(10);
      expect(await engine.waiting()).toBe(10);
      await work();
      await untilDone(10);
      expect(runs).toHaveLength(10);
    });

    it("accepts a new message for an event whose finished message is still kept", async () => {
      let isDown = true;
      const handler = () => {
        if (isDown) throw new Error("down");
      };
      const { send, work, receiving, untilDone, engine, errors } = await start({ handler, maxAttempts: 1 });
      await work();
      for (const id of idsOf(10)) await send(id);
      await expect.poll(async () => (await receiving.stats()).counts.dead).toBe(10);
      await expect.poll(() => engine.kept()).toBe(10);
      isDown = false;
      expect(await receiving.redrive({ state: "dead" })).toEqual({ redriven: 10 });
      await untilDone(10);
      expect(errors.map((error) => (error as { code: string }).code)).toEqual(Array(10).fill("HANDLER_FAILED"));
    });

    it("runs a delayed message at once when its event is redriven", async () => {
      const refs: EventRef[] = [];
      let isDown = true;
      const handler = () => {
        if (isDown) throw new Error("down");
      };
      const { send, work, receiving, untilDone, engine } = await start({ handler, maxAttempts: 1 }, (queue) => ({
        enqueue: (ref, options) => {
          refs.push(ref);
          return queue.enqueue(ref, options);
        },
      }));
      await work();
      await send("evt_1");
      await expect.poll(async () => (await receiving.stats()).counts.dead).toBe(1);
      await expect.poll(() => engine.kept()).toBe(1);
      isDown = false;
      for (const ref of refs.splice(0)) await engine.queue.enqueue(ref, { delayMs: 3_600_000 });
      expect(await engine.waiting()).toBe(1);
      expect(await receiving.redrive("evt_1")).toEqual({ redriven: 1 });
      await untilDone(1);
      await expect.poll(() => engine.waiting()).toBe(0);
    });

    it("runs a delayed message at once when its event is overdue", async () => {
      const { send, work, receiving, untilDone, engine } = await start({ wakeGraceMs: 1 }, (queue) => ({
        enqueue: (ref, options = { delayMs: 3_600_000 }) => queue.enqueue(ref, options),
      }));
      await work();
      await send("evt_1");
      await expect.poll(() => engine.waiting()).toBe(1);
      await wait(20);
      expect((await receiving.sweep()).woken).toBe(1);
      await untilDone(1);
      await expect.poll(() => engine.waiting()).toBe(0);
    });

    it("does not disturb the message of an event that is being handled", async () => {
      const refs: EventRef[] = [];
      let finish = () => {};
      const handler = () => new Promise<void>((resolve) => (finish = resolve));
      const { send, work, untilDone, runs, engine, errors } = await start({ handler }, (queue) => ({
        enqueue: (ref) => {
          refs.push(ref);
          return queue.enqueue(ref);
        },
      }));
      await work();
      await send("evt_1");
      await expect.poll(() => runs.length).toBe(1);
      for (const ref of refs) await engine.queue.enqueue(ref, { delayMs: 0 });
      finish();
      await untilDone(1);
      await expect.poll(() => engine.waiting()).toBe(0);
      expect([runs, errors]).toEqual([["evt_1"], []]);
    });

    it("skips messages that are not references", async () => {
      const { send, work, untilDone, engine, errors } = await start();
      for (const poison of [{ source: "popp", key: "\u0001" }, { source: "another", key: "0".repeat(32) }, {}])
        await engine.addAnother(poison);
      await work();
      await send("evt_1");
      await untilDone(1);
      await expect.poll(() => engine.waiting()).toBe(0);
      expect(errors.map((error) => (error as { code: string }).code)).toEqual(Array(3).fill("PAYLOAD_INVALID"));
    });

    it("handles events with unusual ids, which never enter the queue", async () => {
      const ids = ["\0", "\ud800", "12345", "a:b", "0:x", "0", " ", "'; --", "x".repeat(10_240), "constructor"];
      const { send, work, untilDone, runs, errors, engine } = await start({ maxAttempts: 1 });
      for (const id of ids) expect(await send(id)).toBe(200);
      await expect.poll(() => engine.waiting()).toBe(ids.length);
      await work();
      await untilDone(ids.length);
      expect([...runs].sort()).toEqual([...ids].sort());
      expect(errors).toEqual([]);
    });

    it("handles an event that a worker released at shutdown", async () => {
      let isStuck = true;
      const { send, untilDone, runs, working, newWorking, engine, receiving } = await start({
        handler: () => (isStuck ? new Promise(() => {}) : undefined),
      });
      const stop = await engine.work(working);
      await send("evt_1");
      await expect.poll(() => runs.length).toBe(1);
      await working.close({ graceMs: 50 });
      await stop();
      isStuck = false;
      expect(await receiving.get("evt_1")).toMatchObject({ state: "retry", attempts: 0 });
      const next = newWorking();
      toClose.push(() => next.close(), await engine.work(next));
      await untilDone(1);
      expect(runs).toEqual(["evt_1", "evt_1"]);
    });
  });
}
