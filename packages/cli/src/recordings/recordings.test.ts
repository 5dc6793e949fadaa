import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { verifySignature } from "@popp-webhooks/core";
import { describe, expect, it } from "vitest";
import { emptyFolder, jsonLines, runCli } from "../../test/run-cli.ts";
import { findRecording, readRecording } from "./read-recording.ts";
import { type ReceivedRequest, Recorder, recordingIds } from "./recorder.ts";
import { REDACTED_SECRET } from "./redact-recording.ts";

const text = JSON.stringify({
  event: "CONVERSATION_COMPLETED",
  eventId: "evt_secret",
  eventTimestamp: "2026-02-03T04:05:06Z",
  data: {
    recordId: "rec_77",
    conversationStatus: "COMPLETED",
    participantFirstName: "Ada",
    notes: ["Ada", "likes tea", 5551234],
    maritalStatus: "MARRIED",
    history: [{ event: "met Grace" }],
    campaignConversationUrl: "https://app.example.com/c/rec_77",
  },
});

function received(values: Partial<ReceivedRequest> = {}): ReceivedRequest {
  return {
    ...{ receivedAt: new Date().toISOString(), method: "POST", path: "/webhooks/popp?token=t", verdict: "genuine" },
    ...{
      explanation: null,
      event: "CONVERSATION_COMPLETED",
      eventId: "evt_secret",
      inboxKey: "evt_secret",
      isCut: false,
    },
    headers: [
      ["Content-Type", "application/json"],
      ["Authorization", "Bearer 123"],
      ["X-Forwarded-For", "203.0.113.9"],
    ],
    body: new TextEncoder().encode(text),
    ...values,
  };
}

describe("the recorder", () => {
  it("keeps the latest, goes on after a restart, and is read back byte for byte", async () => {
    const folder = join(emptyFolder(), "recordings");
    const bytes = new Uint8Array([0, 255, 13, 10]);
    const recorder = await Recorder.open(folder, 3);
    const ids: string[] = [];
    for (let second = 0; second < 3; second++)
      ids.push(await recorder.request(received({ receivedAt: `2026-01-01T00:00:0${second}.000Z`, body: bytes })));
    const again = await Recorder.open(folder, 3);
    const version = again.version;
    ids.push(await again.request(received({ receivedAt: "2026-01-01T00:00:09.000Z" })));
    expect(again.version).not.toBe(version);
    expect(await recordingIds(folder)).toEqual(ids.slice(1));
    const { body, request, response } = await readRecording(ids[1] ?? "", folder);
    expect(body).toEqual(bytes);
    expect(request.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(response).toBeUndefined();
    expect((await readRecording("last", folder)).id).toBe(ids[3]);
    expect(await findRecording(folder, "../../etc")).toBeUndefined();
    await expect(readRecording("2026", folder)).rejects.toThrow(/fits 3 recordings/);
    await expect(readRecording("nothing", folder)).rejects.toThrow(/There is no recording/);
  });
});

describe("recordings", () => {
  async function recorded(values: Partial<ReceivedRequest> = {}) {
    const cwd = emptyFolder();
    const recorder = await Recorder.open(join(cwd, ".popp/recordings"));
    const id = await recorder.request(received(values));
    await recorder.response(id, "dev", {
      status: 200,
      headers: [["x", "y"]],
      body: new TextEncoder().encode("done"),
      durationMs: 5,
    });
    return { cwd, id };
  }

  it("lists and shows them", async () => {
    const { cwd, id } = await recorded();
    expect((await runCli(["recordings"], { cwd })).stdout).toMatch(
      new RegExp(`${id} +CONVERSATION_COMPLETED +genuine +200`),
    );
    const { stdout } = await runCli(["recordings", "last"], { cwd });
    expect(stdout).toContain("Authorization: Bearer 123");
    expect(stdout).toContain('"participantFirstName":"Ada"');
    expect(stdout).toContain("200 from dev in 5 ms");
    expect(jsonLines((await runCli(["recordings", "--json"], { cwd })).stdout)).toEqual([
      expect.objectContaining({ id, status: 200 }),
    ]);
    expect((await runCli(["recordings"])).stderr).toMatch(/Nothing is recorded/);
  });

  it("shows hostile text without its escape codes", async () => {
    const { cwd } = await recorded({
      headers: [["x-evil", "\u001b[2J\u202eabc"]],
      body: new TextEncoder().encode("\u001b]0;x\u0007"),
    });
    const { stdout } = await runCli(["recordings", "last"], { cwd });
    expect(stdout).toContain("\\u001b[2J\\u202eabc");
    expect(stdout).not.toContain("\u001b");
  });

  it("are copied without personal data, and verify with the test secret", async () => {
    const { cwd } = await recorded();
    const { code, stdout } = await runCli(["recordings", "last", "--redact", "copies"], { cwd });
    expect(code).toBe(0);
    const [copy = ""] = readdirSync(join(cwd, "copies"));
    expect(stdout).toBe(`copies/${copy}\n`);
    const folder = join(cwd, "copies", copy);
    const whole = readdirSync(folder)
      .map((file) => readFileSync(join(folder, file), "utf8"))
      .join();
    for (const personal of [
      "Ada",
      "rec_77",
      "evt_secret",
      "tea",
      "5551234",
      "Bearer",
      "203.0",
      "token",
      "app.example.com",
    ])
      expect(whole).not.toContain(personal);
    const body = readFileSync(join(folder, "body.bin"));
    const { headers } = JSON.parse(readFileSync(join(folder, "request.json"), "utf8"));
    const [, signature] = headers.find(([name]: [string]) => name === "x-signature");
    await expect(verifySignature({ body, signature }, { secret: REDACTED_SECRET })).resolves.toBeDefined();
    const event = JSON.parse(body.toString());
    expect(event).toMatchObject({ event: "CONVERSATION_COMPLETED", data: { conversationStatus: "COMPLETED" } });
    expect(event.data.notes[0]).toBe(event.data.participantFirstName);
  });

  it.each([
    ["genuine", undefined],
    ["wrong signature", "SIGNATURE_MISMATCH"],
    ["unreadable signature", "SIGNATURE_MALFORMED"],
    ["not signed", "SIGNATURE_MISSING"],
  ])("keep the verdict of what was %s", async (verdict, code) => {
    const { cwd } = await recorded({ verdict });
    await runCli(["recordings", "last", "--redact", "copies"], { cwd });
    const { request, body } = await readRecording("last", join(cwd, "copies"));
    const signature = new Headers(request.headers.map(([name, value]) => [name, value])).get("x-signature");
    const error = await verifySignature({ body, signature }, { secret: REDACTED_SECRET }).catch((refused) => refused);
    expect(error.code).toBe(code);
  });

  it.each([new Uint8Array([255, 254]), new TextEncoder().encode('"Ada"')])(
    "are not made of a body %j",
    async (body) => {
      const { cwd } = await recorded({ body });
      expect(await runCli(["recordings", "last", "--redact", "copies"], { cwd })).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/is no JSON object/),
      });
      expect((await runCli(["recordings", "--redact", "copies"], { cwd })).code).toBe(2);
    },
  );
});
