import { gzipSync } from "node:zlib";
import type { DurableInbox } from "@popp-webhooks/inbox";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { buildPage } from "../scripts/build-page.ts";
import { scene } from "../test/scene.ts";
import { type Access, type AccessEntry, toInspector } from "./index.ts";
import { PAGE } from "./page.generated.ts";

const { inbox, send, mend } = scene();
const address = "https://popp.test/any/path";
let access: Access | false = { name: "ada", can: "act", body: "reveal" };
const entries: AccessEntry[] = [];
const inspector = toInspector(inbox, { authorize: () => access, onAccess: (entry) => entries.push(entry) });

function as(can: Access["can"], body: Access["body"]): void {
  access = { name: "ada", can, body };
}

function get(query: string, headers: Record<string, string> = {}): Promise<Response> {
  return inspector.fetch(new Request(`${address}${query}`, { headers }));
}

function post(api: string, input: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return inspector.fetch(
    new Request(`${address}?api=${api}`, {
      method: "POST",
      body: JSON.stringify(input),
      headers: { "content-type": "application/json", ...headers },
    }),
  );
}

async function stateOf(id: string): Promise<string | undefined> {
  return (await inbox.get(id))?.state;
}

beforeAll(async () => {
  await send("CONVERSATION_STARTED", "evt_ok");
  await send("CONVERSATION_STARTED", "evt_flaky", "flaky");
  await send("CONVERSATION_COMPLETED", "evt_broken", "broken");
  for (const id of ["evt_flaky", "evt_broken"])
    await vi.waitFor(async () => expect(await stateOf(id)).toBe("dead"), 60_000);
});
afterAll(() => inbox.close());

describe("toInspector", () => {
  it.each<[string, unknown]>([
    ["no options", undefined],
    ["no authorize", {}],
    ["an authorize that is no function", { authorize: true }],
    ["a poll of 0", { authorize: () => false, pollMs: 0 }],
    ["a color that is none", { authorize: () => false, environment: { name: "x", color: "red;" } }],
    ["a wrong live", { authorize: () => false, live: "socket" }],
    ["an origin with a path", { authorize: () => false, origins: ["https://a.example/x"] }],
  ])("refuses %s", (_, options) => {
    expect(() => toInspector(inbox, options as never)).toThrowError(
      expect.objectContaining({ code: "CONFIG_INVALID" }),
    );
  });

  it("refuses what is no inbox", () => {
    expect(() => toInspector({} as DurableInbox, { authorize: () => false })).toThrow("createInbox");
  });
});

describe("the page", () => {
  it("is one document of at most 42 kB gzipped, and that of the sources", async () => {
    expect(gzipSync(PAGE).length).toBeLessThanOrEqual(42_000);
    expect(PAGE).not.toMatch(/(?:src|href)="(?!\?)/);
    // Not toBe: the difference would be a hundred thousand characters.
    expect((await buildPage()).html === PAGE, "run `pnpm page`").toBe(true);
  });

  it("allows its own script and style only", async () => {
    as("read", "masked");
    const policy = (await get("")).headers.get("content-security-policy");
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[\w+/]+='; style-src 'sha256-[\w+/]+='; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
  });
});

describe("access", () => {
  it.each([false, null, undefined, {}, true, { name: "a", can: "write", body: "shown" }, { name: "a", can: "read" }])(
    "is refused with 403 for %j, page and data",
    async (given) => {
      access = given as false;
      expect([(await get("")).status, (await get("?api=stats")).status]).toEqual([403, 403]);
    },
  );

  it("is refused when authorize fails", async () => {
    const failing = toInspector(inbox, { authorize: () => Promise.reject(new Error("away")) });
    expect((await failing.fetch(new Request(address))).status).toBe(500);
  });

  it.each(["redrive", "erase", "pause", "resume"])("refuses %s in read mode with 405", async (act) => {
    as("read", "shown");
    const response = await post(act, { key: "evt_flaky", name: "CONVERSATION_STARTED" });
    expect([response.status, response.headers.get("allow"), await stateOf("evt_flaky")]).toEqual([
      405,
      "GET, HEAD",
      "dead",
    ]);
  });

  it.each<[string, Record<string, string>]>([
    ["a foreign origin", { origin: "https://evil.example" }],
    ["a foreign origin that claims to be ours", { origin: "https://evil.example", "sec-fetch-site": "same-origin" }],
    ["no origin", { origin: "null" }],
    ["a sibling", { "sec-fetch-site": "same-site" }],
    ["another site", { "sec-fetch-site": "cross-site" }],
  ])("refuses %s", async (_, headers) => {
    as("act", "shown");
    expect((await post("redrive", { key: "evt_flaky" }, headers)).status).toBe(403);
    expect((await get("?api=page", headers)).status).toBe(403);
    expect(await stateOf("evt_flaky")).toBe("dead");
  });

  it("takes acts as JSON only, and by POST only", async () => {
    as("act", "shown");
    expect((await post("redrive", { key: "evt_flaky" }, { "content-type": "text/plain" })).status).toBe(415);
    for (const act of ["redrive", "erase", "pause", "resume", "reveal"])
      expect((await get(`?api=${act}&key=evt_flaky&name=x`)).status).toBe(404);
    expect((await inspector.fetch(new Request(`${address}?api=erase`, { method: "PUT" }))).status).toBe(405);
    expect(await stateOf("evt_flaky")).toBe("dead");
  });
});

describe("masking", () => {
  const VALUES = /jane|4711|org_1/;
  const answers = (queries: readonly string[]) =>
    Promise.all(queries.map(async (query) => (await get(`?api=${query}`)).text()));
  const QUERIES = ["page", "get&key=evt_flaky", "get&key=evt_broken", "dead"];

  it.each(["masked", "reveal"] as const)("keeps values on the server with %s", async (body) => {
    as("act", body);
    const texts = await answers([...QUERIES, "stats", "changes", "timeline"]);
    expect(texts.join()).not.toMatch(VALUES);
    expect(texts[1]).toContain("TypeError");
  });

  it("would be noticed where it is missing: each of these answers has values when they are shown", async () => {
    as("act", "shown");
    const texts = await answers(QUERIES);
    expect(texts.filter((text) => !VALUES.test(text))).toEqual([]);
  });

  it("refuses a search by text and a reveal to whom values are masked", async () => {
    as("act", "masked");
    expect((await get("?api=page&text=jane")).status).toBe(403);
    expect((await post("redrive", { filter: { text: "jane" }, dryRun: true })).status).toBe(403);
    expect((await post("reveal", { key: "evt_flaky" })).status).toBe(403);
  });

  it("reveals one event at a time, and reports it", async () => {
    as("read", "reveal");
    entries.length = 0;
    const response = await post("reveal", { key: "evt_flaky" });
    expect(await response.text()).toContain("jane@example.com");
    expect(entries).toEqual([
      { name: "ada", action: "reveal", target: "evt_flaky", count: null, at: expect.any(Date) },
    ]);
  });

  it("shows nothing that cannot be reported", async () => {
    const silent = toInspector(inbox, {
      authorize: () => ({ name: "ada", can: "read", body: "reveal" }),
      onAccess: () => Promise.reject(new Error("the log is full")),
    });
    const headers = { "content-type": "application/json" };
    const body = JSON.stringify({ key: "evt_flaky" });
    const response = await silent.fetch(new Request(`${address}?api=reveal`, { method: "POST", body, headers }));
    expect([response.status, await response.text()]).toEqual([500, expect.not.stringContaining("jane")]);
  });
});

describe("the data", () => {
  it("filters, and says what is wrong with a filter", async () => {
    as("read", "shown");
    const page = await (await get("?api=page&state=dead&recordId=flaky")).json();
    expect(page.rows).toMatchObject([{ key: "evt_flaky", state: "dead", error: expect.stringContaining("TypeError") }]);
    for (const query of ["state=gone", "since=yesterday", "before=x", "limit=0", "limit=1e9"])
      expect([query, (await get(`?api=page&${query}`)).status]).toEqual([query, 400]);
  });

  it("groups dead letters and redrives one group, counted first", async () => {
    as("act", "shown");
    entries.length = 0;
    const { groups } = await (await get("?api=dead")).json();
    expect(groups).toHaveLength(2);
    const { event, error } = groups.find((one: { event: string }) => one.event === "CONVERSATION_STARTED");
    const filter = { state: "dead", event };
    expect(await (await post("redrive", { filter, error, dryRun: true })).json()).toEqual({ redriven: 1 });
    expect([await stateOf("evt_flaky"), entries]).toEqual(["dead", []]);
    mend();
    expect(await (await post("redrive", { filter, error })).json()).toEqual({ redriven: 1 });
    await expect.poll(() => stateOf("evt_flaky")).toBe("done");
    expect(await stateOf("evt_broken")).toBe("dead");
    expect(entries).toMatchObject([{ action: "redrive", count: 1 }]);
  });

  it("never redrives everything by a filter that is empty or unknown", async () => {
    as("act", "shown");
    for (const input of [{}, { filter: {} }, { filter: { bogus: "x" } }, { filter: null }])
      expect((await post("redrive", input)).status).toBe(400);
  });

  it("streams changes once for all, from the one that the page has", async () => {
    as("read", "masked");
    const { id } = await (await get("?api=changes")).json();
    const response = await get("?api=live", { "last-event-id": id });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    await send("CONVERSATION_STARTED", "evt_live");
    let text = "";
    while (!text.includes("data:")) text += (await reader?.read())?.value ?? "";
    expect(text).not.toContain(`id: ${id}\n`);
    await reader?.cancel();
  });
});
