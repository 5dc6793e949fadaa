import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { createReceiver } from "@popp-webhooks/core";
import { createInbox, type DurableInbox, RetryLaterError } from "@popp-webhooks/inbox";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import { fixture, signedRequest } from "@popp-webhooks/testing";
import { afterEach, describe, expect, it, vi } from "vitest";

const page = readFileSync(new URL("guide/personal-data.md", import.meta.url), "utf8");
const secret = "the signing secret";
const DAY_MS = 86_400_000;
const JANE = "cand_jane";

/** A function of the page, as it stands there. */
async function fromPage<Run>(name: string): Promise<Run> {
  const blocks = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
  const code = blocks.find((block) => block.includes(`function ${name}(`)) ?? "";
  const module = await import(`data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(code))}`);
  return module[name];
}

const inboxes: DurableInbox[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const inbox of inboxes.splice(0)) await inbox.close();
});

/** An inbox with three events, two of them about Jane, whose handler has failed once with her name in its message. */
async function setUp() {
  let now = Date.parse("2026-01-01T00:00:00Z");
  let attempts = 0;
  const handle = () => {
    if (++attempts === 1) throw new Error("no such person: Jane");
    if (attempts === 2) throw new RetryLaterError(0);
  };
  const inbox = createInbox({
    store: memoryStore({ now: () => now }),
    retryDelayMs: () => 0,
    onError: () => {},
    on: { CONVERSATION_COMPLETED: handle },
  });
  inboxes.push(inbox);
  const { fetch } = createReceiver({ secret, inbox });
  const send = async (eventId: string, data: { readonly recordId: string; readonly candidateId: string }) =>
    fetch(await signedRequest(fixture("CONVERSATION_COMPLETED", { eventId, data }), { secret }));
  await send("evt_1", { recordId: "conv_1", candidateId: JANE });
  await send("evt_2", { recordId: "conv_1", candidateId: JANE });
  await send("evt_3", { recordId: "conv_2", candidateId: "cand_john" });
  for (let sweeps = 0; sweeps < 3; sweeps++) await inbox.sweep();
  const pass = (days: number) => {
    now += days * DAY_MS;
  };
  return { inbox, pass, send };
}

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const textOf = (value: unknown) =>
  JSON.stringify(value, (_, inner) => (inner instanceof Uint8Array ? new TextDecoder().decode(inner) : inner));

describe("the functions of the page", () => {
  it("list what is stored about a person", async () => {
    const { inbox } = await setUp();
    const exportOf =
      await fromPage<(inbox: DurableInbox, id: string) => Promise<readonly { body: string }[]>>("exportOf");
    const events = await exportOf(inbox, JANE);
    expect(events.map(({ body }) => JSON.parse(body).data.candidateId)).toEqual([JANE, JANE]);
  });

  it("erase a person and nobody else, and a later delivery of an erased event stores nothing", async () => {
    const { inbox, send } = await setUp();
    vi.spyOn(console, "log").mockImplementation(() => {});
    const erase = await fromPage<(inbox: DurableInbox, id: string) => Promise<object>>("erase");
    expect(await erase(inbox, JANE)).toEqual({ erased: 2, unreadable: 0 });
    const records = await all(inbox.events({ bodies: true }));
    expect(records).toHaveLength(3);
    expect(textOf(records)).not.toMatch(/jane|conv_1|evt_1|evt_2/i);
    expect(textOf(records)).toContain("cand_john");
    const again = await send("evt_1", { recordId: "conv_1", candidateId: JANE });
    expect(await again.json()).toEqual({ status: "duplicate" });
    expect(textOf(await all(inbox.events({ bodies: true })))).not.toContain(JANE);
  });
});

describe("the table of what is kept", () => {
  it("says for how long: the body 30 days, ids and errors 400 days", async () => {
    const { inbox, pass } = await setUp();
    pass(31);
    await inbox.prune();
    const record = await inbox.get("evt_1");
    expect(record?.body).toBeNull();
    expect(record?.headers).toEqual({});
    expect([record?.recordId, record?.idempotencyKey]).toEqual(["conv_1", "evt_1"]);
    expect(textOf(record?.history)).toContain("Jane");
    expect(await all(inbox.events({ about: JANE }))).toHaveLength(2);
    pass(400);
    await inbox.prune();
    expect(await all(inbox.events())).toEqual([]);
  });
});
