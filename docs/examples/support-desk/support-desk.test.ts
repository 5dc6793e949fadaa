import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createReceiver } from "@popp-webhooks/core";
import { createInbox } from "@popp-webhooks/inbox";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { signedRequest } from "@popp-webhooks/testing";
import { afterAll, beforeAll, expect, it } from "vitest";

const secret = "a-secret-of-ours";
const folder = mkdtempSync(join(tmpdir(), "popp-desk-"));
const path = join(folder, "popp.db");

afterAll(() => rmSync(folder, { recursive: true }));

/** What the app did before somebody asked: it handled one event, failed with another, and had no handler for a third. */
beforeAll(async () => {
  const inbox = createInbox({
    store: sqliteStore(path),
    maxAttempts: 1,
    onError: () => {},
    on: {
      CONVERSATION_STARTED: () => {},
      CONVERSATION_COMPLETED: () => {
        throw new TypeError("the ATS answered 500");
      },
    },
  });
  const receiver = createReceiver({ secret, inbox });
  const deliver = async (event: string, eventId: string, data: object) => {
    const payload = {
      event,
      eventId,
      eventTimestamp: new Date().toISOString(),
      data: { organizationId: "org_1", ...data },
    };
    const response = await receiver.fetch(await signedRequest(payload, { secret, url: "http://localhost/" }));
    expect(response.status).toBe(200);
  };
  await deliver("CONVERSATION_STARTED", "evt_1", { recordId: "conv_1", candidateId: "cand_1" });
  await deliver("CONVERSATION_COMPLETED", "evt_2", { recordId: "conv_1", candidateId: "cand_1" });
  await deliver("CALENDAR_MEETING_SCHEDULED", "evt_3", { recordId: "book_1", conversationId: "conv_1" });
  await deliver("CONVERSATION_STARTED", "evt_4", { recordId: "conv_2", candidateId: "cand_2" });
  await inbox.sweep();
  await inbox.close();
});

/** Types a command at the desk, and returns what it prints. */
async function desk(...args: readonly string[]): Promise<string> {
  const options = { env: { ...process.env, POPP_DB: path }, cwd: fileURLToPath(new URL(".", import.meta.url)) };
  const node = ["--disable-warning=ExperimentalWarning", "--conditions=@popp-webhooks/source", "desk.ts"];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, ...args], options);
  return stdout;
}

it("answers what a support team asks, one question after another", async () => {
  const about = await desk("about", "cand_1");
  expect(about).toMatch(/CONVERSATION_COMPLETED \(evt_2\): dead/);
  expect(about).toMatch(/attempt 1: failed after \d+ ms: TypeError: the ATS answered 500/);
  expect(about).toMatch(/CONVERSATION_STARTED \(evt_1\): done/);
  expect(about).toContain("recordId conv_1");
  expect(about).not.toContain("evt_4");

  expect(JSON.parse(await desk("show", "evt_1"))).toMatchObject({ event: "CONVERSATION_STARTED", eventId: "evt_1" });
  expect(await desk("show", "evt_0")).toBe("Not on record.\n");
  expect(await desk("failed")).toMatch(/evt_2 CONVERSATION_COMPLETED about conv_1: TypeError/);
  expect(await desk("again", "evt_2")).toBe("It is due now.\n");
  expect(await desk("again", "evt_1")).toBe("Not redriven: done.\n");
  expect(await desk("catch-up", "CALENDAR_MEETING_SCHEDULED")).toBe("1 events are due now.\n");
  expect(await desk("pause", "ANALYSIS_CREATED")).toBe("Paused: ANALYSIS_CREATED\n");
  expect(await desk("resume", "ANALYSIS_CREATED")).toBe("Paused: nothing\n");
  expect(await desk("today")).toMatch(/4 came, 2 done, 0 dead, 0 delivered again\n2 wait/);

  expect(await desk("forget", "cand_1")).toBe("3 events would be erased, 0 cannot be read.\n");
  expect(await desk("forget", "cand_1", "--yes")).toBe("3 events were erased, 0 cannot be read.\n");
  expect(await desk("about", "cand_1")).toBe("In the same events: nothing\n");
});
