import { globSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type StartedApp, startApp } from "../../../packages/next/test/start-app.ts";
import { fixture, signedRequest } from "../../../packages/testing/src/index.ts";
import { describeInspector, TOKENS } from "../describe-inspector.ts";
import { freePort } from "../free-port.ts";

const SECRET = TOKENS.POPP_WEBHOOK_SECRET;
const folder = new URL("./", import.meta.url);

describe("the example worker-inbox", () => {
  let app: StartedApp;

  beforeAll(async () => {
    const { scripts } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
    const variables = Object.entries(TOKENS)
      .map(([name, value]) => `--var ${name}:${value}`)
      .join(" ");
    const command = `${scripts.start} --port ${await freePort()} ${variables}`;
    app = await startApp(command, folder, { WRANGLER_SEND_METRICS: "false" });
  });
  afterAll(() => app?.close());

  const deliver = async (payload: object, secret = SECRET) => {
    const response = await fetch(await signedRequest(payload, { secret, url: app.url }));
    return [response.status, await response.json()];
  };

  it("stores an event, handles it and recognizes its duplicate", async () => {
    const { data, ...envelope } = fixture("CONVERSATION_COMPLETED");
    const [eventId, recordId] = [crypto.randomUUID(), crypto.randomUUID()];
    const event = { ...envelope, eventId, data: { ...data, recordId } };

    expect(await deliver(event)).toEqual([200, { status: "accepted" }]);
    await expect.poll(app.output).toContain("Conversation completed:");
    expect(await deliver(event)).toEqual([200, { status: "duplicate" }]);

    const record = { state: "done", attempts: 1, duplicates: 1, outcomes: 1 };
    await expect.poll(() => recordOf(eventId, recordId)).toEqual(record);
  });

  it("handles an event that the SDK does not know", async () => {
    expect(await deliver({ event: "SOMETHING_NEW", eventId: crypto.randomUUID(), data: {} })).toMatchObject([200, {}]);
    await expect.poll(app.output).toContain("New to this SDK: SOMETHING_NEW");
  });

  it("refuses a forged delivery", async () => {
    const forged = await deliver(fixture("CONVERSATION_COMPLETED"), "another secret");
    expect(forged).toMatchObject([401, { error: { code: "SIGNATURE_MISMATCH" } }]);
  });

  it("sweeps when the cron trigger fires", async () => {
    const response = await fetch(`${app.url}/__scheduled`);
    expect([response.status, await response.text()]).toEqual([200, "Ran scheduled event"]);
  });

  describeInspector(() => app, { webhook: "/", sweep: ({ url }) => fetch(`${url}/__scheduled`) });
});

/** What is on record, and how many outcomes its handler wrote; read where `wrangler dev` keeps it. */
function recordOf(eventId: string, recordId: string): unknown {
  for (const file of globSync(".wrangler/state/v3/d1/**/*.sqlite", { cwd: fileURLToPath(folder) })) {
    const database = new DatabaseSync(fileURLToPath(new URL(file, folder)), { readOnly: true });
    try {
      const outcomes = "(SELECT COUNT(*) FROM outcomes WHERE record = ?) AS outcomes";
      const sql = `SELECT state, attempts, duplicates, ${outcomes} FROM popp_inbox_event WHERE event_id = ?`;
      const found = database.prepare(sql).get(recordId, eventId);
      if (found !== undefined) return { ...found };
    } catch {
      // Another database of the simulator's.
    } finally {
      database.close();
    }
  }
  return undefined;
}
