import type { PoppEvents } from "@popp-webhooks/core";
import { describe, expect, it } from "vitest";
import { eventOf, proxied, stage } from "../../test/stage.ts";
import { type CreateInboxOptions, type InboxStore, isRetryLaterError } from "../index.ts";
import { memoryStore } from "../stores/memory/index.ts";

type Options = Omit<Partial<CreateInboxOptions<PoppEvents>>, "catalog" | "on">;

/** An inbox whose handlers end when the test says so. It never polls. */
function limited(options: Options) {
  const running = new Map<string, () => void>();
  const handler = (_: unknown, { idempotencyKey }: { readonly idempotencyKey: string }) =>
    new Promise<void>((resolve) => running.set(idempotencyKey, resolve));
  const staged = stage({
    pollMs: 3_600_000,
    ...options,
    on: { ANALYSIS_CREATED: handler, CONVERSATION_STARTED: handler, DOCUMENT_UPLOADED: handler },
  });
  function finish(eventId: string): void {
    running.get(eventId)?.();
    running.delete(eventId);
  }
  const send = (event: string, ...ids: readonly string[]) =>
    Promise.all(ids.map((id) => staged.send(eventOf(id, { event, data: dataOf(event) }))));
  return { ...staged, send, finish, running: () => [...running.keys()].sort() };
}

const dataOf = (event: string) => ({
  recordId: "rec_1",
  organizationId: "org_1",
  ...(event === "ANALYSIS_CREATED" && { conversationId: "conv_1" }),
});

describe("concurrency for single events", () => {
  it("limits a name within the number of all handlers", async () => {
    const { inbox, send, running, finish, until } = limited({ concurrency: { default: 4, ANALYSIS_CREATED: 2 } });
    await send("ANALYSIS_CREATED", "a1", "a2", "a3", "a4", "a5");
    await send("CONVERSATION_STARTED", "c1", "c2", "c3");
    inbox.start();
    await expect.poll(running).toEqual(["a1", "a2", "c1", "c2"]);
    finish("a1");
    await expect.poll(running).toEqual(["a2", "a3", "c1", "c2"]);
    finish("c1");
    await expect.poll(running).toEqual(["a2", "a3", "c2", "c3"]);
    finish("c2");
    await until("done", 3);
    finish("a2");
    await expect.poll(running).toEqual(["a3", "a4", "c3"]);
    for (const id of ["a3", "a4", "c3"]) finish(id);
    await expect.poll(running).toEqual(["a5"]);
    finish("a5");
    await until("done", 8);
    await inbox.close();
  });

  it("holds for a sweep, for waitUntil and for a queue's worker", async () => {
    const refs: unknown[] = [];
    const store = memoryStore();
    const concurrency = { ANALYSIS_CREATED: 1 };
    const queue = { enqueue: async (ref: unknown) => void refs.push(ref) };
    const worker = limited({ store, concurrency, queue });
    await worker.send("ANALYSIS_CREATED", "a1", "a2");
    await expect.poll(() => refs).toHaveLength(2);
    const first = worker.inbox.process(refs[0]);
    await expect.poll(worker.running).toEqual(["a1"]);
    expect(await worker.inbox.process(refs[1]).catch(isRetryLaterError)).toBe(true);
    worker.finish("a1");
    expect(await first).toBe("done");

    const { inbox, send, running, finish } = limited({ store, concurrency });
    await send("ANALYSIS_CREATED", "a3");
    const sweeping = inbox.sweep();
    for (const id of ["a2", "a3"]) {
      await expect.poll(running).toEqual([id]);
      finish(id);
    }
    expect(await sweeping).toMatchObject({ done: 2 });
    await Promise.all([inbox.close(), worker.inbox.close()]);
  });

  it("never claims more of a name than may start, and gives nothing back", async () => {
    const inner = memoryStore();
    const claims: (readonly string[])[] = [];
    const notes: unknown[] = [];
    const store: InboxStore = {
      ...proxied(inner),
      claim: async (request) => {
        const claimed = await inner.claim(request);
        claims.push(claimed.map(({ name }) => name));
        return claimed;
      },
      settle: (lease, settlement) => {
        notes.push(settlement.counts);
        return inner.settle(lease, settlement);
      },
    };
    const names = { ANALYSIS_CREATED: 2, DOCUMENT_UPLOADED: 1 };
    const { inbox, send, running, finish, until } = limited({ store, concurrency: { default: 8, ...names } });
    await send("ANALYSIS_CREATED", ...Array.from({ length: 9 }, (_, index) => `a${index}`));
    await send("DOCUMENT_UPLOADED", ...Array.from({ length: 5 }, (_, index) => `d${index}`));
    await send("CONVERSATION_STARTED", ...Array.from({ length: 20 }, (_, index) => `c${index}`));
    inbox.start();
    for (let done = 0; done < 34; done++) {
      await expect.poll(running).not.toEqual([]);
      const [next] = running();
      const count = (letter: string) => running().filter((id) => id.startsWith(letter)).length;
      expect([count("a") <= 2, count("d") <= 1, running().length <= 8]).toEqual([true, true, true]);
      finish(next ?? "");
      await until("done", done + 1);
    }
    expect(notes).toEqual(Array(34).fill(true));
    const most = (name: string) => Math.max(...claims.map((claim) => claim.filter((one) => one === name).length));
    expect([most("ANALYSIS_CREATED"), most("DOCUMENT_UPLOADED")]).toEqual([2, 1]);
    await inbox.close();
  });

  it("lets no name take the places of all others", async () => {
    const concurrency = { default: 2, ANALYSIS_CREATED: 1, DOCUMENT_UPLOADED: 1 };
    const { inbox, send, running, finish } = limited({ concurrency });
    await send("CONVERSATION_STARTED", "c1");
    await send("ANALYSIS_CREATED", ...Array.from({ length: 20 }, (_, index) => `a${index}`));
    await send("DOCUMENT_UPLOADED", ...Array.from({ length: 20 }, (_, index) => `d${index}`));
    inbox.start();
    let rounds = 0;
    do {
      await expect.poll(running).toHaveLength(2);
      if (running().includes("c1")) break;
      for (const id of running()) finish(id);
    } while (++rounds < 10);
    expect(running()).toContain("c1");
    for (const id of running()) finish(id);
    await inbox.close({ graceMs: 1 });
  });
});

describe("concurrency refuses", () => {
  it.each<[string, unknown, string]>([
    ["a number of no event", { ANALYSIS_CREATED: 0 }, "`concurrency.ANALYSIS_CREATED` must be an integer from 1"],
    ["a total of no handlers", { default: 0 }, "`concurrency.default` must be an integer from 1"],
    ["a name that is not in the catalog", { ANALYSIS_CREATET: 2 }, "`concurrency.ANALYSIS_CREATET` cannot be used"],
    ["UNRECOGNIZED", { UNRECOGNIZED: 2 }, "`concurrency.UNRECOGNIZED` cannot be used: the events that go to this"],
    ["a Map", new Map([["ANALYSIS_CREATED", 2]]), "`concurrency` must be an integer from 1"],
    ["null", null, "`concurrency` must be an integer from 1"],
    ["a text", "16", "`concurrency` must be an integer from 1"],
  ])("%s", (_, concurrency, message) => {
    expect(() => limited({ concurrency: concurrency as never })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(message) }),
    );
  });
});
