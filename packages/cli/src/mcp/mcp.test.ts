import { once } from "node:events";
import { createInterface } from "node:readline";
import { beforeEach, describe, expect, it } from "vitest";
import { emptyFolder, type RunningCli, startCli } from "../../test/run-cli.ts";
import { bodyOf, deliver, startDev } from "../../test/start-dev.ts";

/** A client of the protocol, as an assistant has one. */
async function connect(args: readonly string[], cwd: string) {
  const running: RunningCli = startCli(["mcp", ...args], { cwd });
  const lines = createInterface({ input: running.child.stdout as NodeJS.ReadableStream });
  let id = 0;
  const request = async (method: string, params: object = {}) => {
    running.child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params })}\n`);
    const [line] = await once(lines, "line");
    return JSON.parse(line).result;
  };
  await request("initialize", {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  });
  running.child.stdin?.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`);
  return {
    tools: async () => (await request("tools/list")).tools.map(({ name }: { name: string }) => name),
    call: async (name: string, input: object = {}) => {
      const { content, isError = false } = await request("tools/call", { name, arguments: input });
      return { isError, text: content[0].text as string };
    },
    close: async () => {
      running.child.stdin?.end();
      return running.ended;
    },
  };
}

const PERSON = "Zacharias-Person";
const withPerson = (eventId: string) =>
  bodyOf(eventId).replace(/"participantFirstName":"[^"]*"/, `"participantFirstName":"${PERSON}"`);

describe("mcp", () => {
  let cwd = "";
  beforeEach(async () => {
    cwd = emptyFolder();
    const dev = await startDev([], { cwd });
    await deliver(dev, withPerson("evt_mcp"));
    await fetch(dev.webhook, {
      method: "POST",
      body: withPerson("evt_forged"),
      headers: { "x-signature": "00".repeat(32) },
    });
    await dev.stop();
  });

  it("lists, shows and explains, and never returns a value of a body", async () => {
    const client = await connect([], cwd);
    const tools: string[] = await client.tools();
    expect(tools).toContain("list_events");
    expect(tools).not.toContain("redrive_events");
    const listed = await client.call("list_events", { state: "done" });
    expect(JSON.parse(listed.text).events).toEqual([
      expect.objectContaining({ id: "evt_mcp", event: "CONVERSATION_COMPLETED" }),
    ]);
    const shown = await client.call("get_event", { id: "evt_mcp" });
    expect(shown).toMatchObject({ isError: false, text: expect.stringContaining("participantFirstName") });
    const explained = await client.call("explain_recording");
    expect(explained.text).toMatch(/wrong signature/);
    const stats = await client.call("inbox_stats");
    expect(JSON.parse(stats.text).counts.done).toBe(1);
    const recordings = await client.call("list_recordings");
    expect(JSON.parse(recordings.text).recordings).toHaveLength(2);
    for (const { text } of [listed, shown, explained, stats, recordings]) expect(text).not.toContain(PERSON);
    expect((await client.call("get_event", { id: "nobody" })).isError).toBe(true);
    expect((await client.call("documented_events", { event: "DOCUMENT_UPLOADE" })).text).toContain(
      "Did you mean DOCUMENT_UPLOADED?",
    );
    expect((await client.close()).code).toBe(0);
  });

  it("runs events again only with --allow-write, and counts first", async () => {
    const reader = await connect([], cwd);
    expect((await reader.call("redrive_events", { id: "evt_mcp" }).catch(() => ({ isError: true }))).isError).toBe(
      true,
    );
    const writer = await connect(["--allow-write"], cwd);
    expect(await writer.tools()).toContain("redrive_events");
    expect(JSON.parse((await writer.call("redrive_events", { state: "done" })).text)).toMatchObject({
      redriven: expect.any(Number),
    });
    expect((await writer.call("redrive_events", {})).isError).toBe(true);
  });
});

describe("mcp without a store", () => {
  it("starts, and says in the call what is missing", async () => {
    const client = await connect([], emptyFolder());
    const { isError, text } = await client.call("inbox_stats");
    expect(isError).toBe(true);
    expect(text).toMatch(/--store|POPP_STORE/);
  });
});
