import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { eventNames } from "@popp-webhooks/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { canBeTerminal, emptyFolder, jsonLines, type RunOptions, runCli, startCli } from "../../test/run-cli.ts";
import { closedPort, SECRET, startReceiver } from "../../test/start-receiver.ts";
import { startServer } from "../../test/start-server.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
const env = { POPP_WEBHOOK_SECRET: SECRET };
const send = (args: readonly string[], options: RunOptions = {}) =>
  runCli(["send", ...args], { ...options, env: { ...env, ...options.env } });

describe("one delivery", () => {
  it("is a new event of now, and its whole answer is shown", async () => {
    const { url, events } = await startReceiver();
    const before = Date.now();
    const { code, stdout, stderr } = await send(["--url", url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /^200 OK {2}CONVERSATION_COMPLETED {2}evt_[\w-]{36} {2}\d+ ms\n {2}\{"status":"handled"\}\n$/,
    );
    expect((await send(["--url", url, "-v"])).stdout).toMatch(/^ {2}content-type: application\/json$/m);
    const [first, second] = events;
    expect(first?.eventId).not.toBe(second?.eventId);
    expect(Date.parse(first?.eventTimestamp ?? "")).toBeGreaterThanOrEqual(before);
  });

  it("is one object with --json", async () => {
    const { url } = await startReceiver();
    const { stdout } = await send(["document_uploaded", "--url", url, "--json", "--event-id", "mine"]);
    expect(jsonLines(stdout)).toEqual([
      expect.objectContaining({
        ...{ type: "answer", event: "DOCUMENT_UPLOADED", eventId: "mine", status: 200, isRight: true },
        body: '{"status":"handled"}',
      }),
    ]);
  });

  it("carries the fields of --data", async () => {
    const { url, events } = await startReceiver();
    const fields = ["externalId=4711", "scorecardTotalValue=1.5", "candidateId=null", "participantFirstName=A=B"];
    fields.push("screeningQuestionsOutcome.0.questionOutcome=FAILED", "conversationStatu=X", "__proto__.x=1");
    const { stderr } = await send(["--url", url, ...fields.flatMap((field) => ["--data", field])]);
    expect(stderr).toMatch(/no documented field "conversationStatu".*Did you mean conversationStatus\?/);
    expect(events[0]).toMatchObject({
      event: "CONVERSATION_COMPLETED",
      data: {
        ...{ externalId: "4711", scorecardTotalValue: 1.5, candidateId: null, participantFirstName: "A=B" },
        screeningQuestionsOutcome: [{ questionOutcome: "FAILED", responseSummary: expect.any(String) }],
        conversationStatu: "X",
      },
    });
  });

  it("is a file byte for byte, or standard input", async () => {
    const { url, seen } = await startReceiver();
    const cwd = emptyFolder();
    const bytes = Buffer.concat([Buffer.from('\ufeff{"event":\r\n1.0,"a":"\\u00e9"} '), Buffer.from([0, 255, 254])]);
    writeFileSync(join(cwd, "body.bin"), bytes);
    const file = await send(["--url", url, "--file", "body.bin"], { cwd });
    expect(file).toMatchObject({ code: 1, stdout: expect.stringContaining("PAYLOAD_MALFORMED") });
    await send(["--url", url, "--file", "-"], { stdin: bytes });
    const hashes = seen.map(({ body }) => createHash("sha256").update(body).digest("hex"));
    expect(hashes).toEqual(Array(2).fill(createHash("sha256").update(bytes).digest("hex")));
  });

  it("is a file with changes, and says that it is serialized again", async () => {
    const { url, events } = await startReceiver();
    const stdin = '{ "event": "ANALYSIS_CREATED", "eventId": "a", "kept": 1.0, "data": { "recordId": "r" } }';
    const changes = ["--file", "-", "--data", "organizationId=7", "--event-id", "b"];
    const { stderr } = await send(["--url", url, ...changes], { stdin });
    expect(stderr).toContain("serialized again");
    expect(events[0]).toMatchObject({ eventId: "b", data: { recordId: "r", organizationId: "7" } });
    for (const wrong of ["{", "[]", new Uint8Array([255])])
      expect(await send(["--url", url, ...changes], { stdin: wrong })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("not a JSON object in UTF-8"),
      });
  });

  it("has further headers, which replace its own", async () => {
    const { url, seen } = await startServer(() => ({ status: 200 }));
    await send(["--url", url, "-H", "X-Trace=1=2", "-H", "content-type=text/plain"]);
    expect(seen[0]?.headers).toMatchObject({ "x-trace": "1=2", "content-type": "text/plain" });
    for (const header of ["x", "=1", "x=\u0001", "Host=a", "content-length=3"])
      expect((await send(["--url", url, "-H", header])).code).toBe(2);
  });

  it("ends with 1 on another answer than expected, and says whose secret was used", async () => {
    const { url } = await startReceiver();
    const wrong = await send(["--url", url], { env: { POPP_WEBHOOK_SECRET: "another" } });
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toMatch(/^401 Unauthorized[\s\S]*SIGNATURE_MISMATCH/);
    expect(wrong.stderr).toMatch(/the secret of POPP_WEBHOOK_SECRET/);
    expect((await send(["--url", url, "--expect", "401"], { env: { POPP_WEBHOOK_SECRET: "another" } })).code).toBe(0);
  });

  it("shows hostile answers as text", async () => {
    const body = Buffer.from("\u001b[2J\u202ea\nb");
    const { url } = await startServer(() => ({ status: 200, body }));
    expect((await send(["--url", url])).stdout).toMatch(/\n {2}\\u001b\[2J\\u202ea\n {2}b\n$/);
  });
});

describe("a URL without an answer", () => {
  it("ends with 3 and says what to do", async () => {
    const silent = await startServer(() => new Promise(() => {}));
    const plain = await startServer(() => ({ status: 200 }));
    const cases: [args: string[], advice: RegExp][] = [
      [["--url", await closedPort()], /Nothing listens there: start your server, or `popp-webhooks dev`/],
      [["--url", await closedPort(), "--count", "100000"], /Nothing listens there/],
      [["--url", await closedPort(), "--chaos"], /Nothing listens there/],
      [["--url", "http://nowhere.invalid/"], /no such host|could not be looked up/],
      [["--url", plain.url.replace("http:", "https:")], /does not speak TLS/],
      [["--url", silent.url, "--timeout-ms", "50"], /did not answer in time/],
    ];
    for (const [args, advice] of cases) {
      const { code, stdout, stderr } = await send(args);
      expect({ args, code, stdout }).toEqual({ args, code: 3, stdout: "" });
      expect(stderr).toMatch(advice);
      expect(stderr.trim().split("\n")).toHaveLength(1);
    }
    const json = await send(["--url", await closedPort(), "--json"]);
    expect(jsonLines(json.stdout)).toEqual([{ error: { code: "UNREACHABLE", message: expect.any(String) } }]);
  });
});

describe("a URL with TLS", () => {
  it.skipIf(!hasOpenssl)("needs a certificate that is trusted", async () => {
    const folder = emptyFolder();
    const subject = "-subj /CN=localhost -addext subjectAltName=DNS:localhost";
    const words = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem ${subject}`;
    expect(spawnSync("openssl", words.split(" "), { cwd: folder }).status).toBe(0);
    const [key, cert] = ["key.pem", "cert.pem"].map((file) => readFileSync(join(folder, file)));
    const server = createServer({ key, cert }, (_request, response) => response.end("kept safe"));
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    onTestFinished(() => void server.close());
    const url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    expect(await send(["--url", url])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
    });
    const trusting = await send(["--url", url], { env: { NODE_EXTRA_CA_CERTS: join(folder, "cert.pem") } });
    expect(trusting).toMatchObject({ code: 0, stdout: expect.stringContaining("kept safe") });
  });
});

describe("a command line that cannot be used", () => {
  it.each<[args: string[], advice: RegExp]>([
    [["--url", "localhost:3000/x"], /Did you mean http:\/\/localhost:3000\/x\?/],
    [["CONVERSATION_COMPLETE"], /Did you mean CONVERSATION_COMPLETED\?/],
    [["DOCUMENT_UPLOADED", "--all"], /one of them/],
    [["--file", "nowhere.json"], /nowhere.json does not exist/],
    [["--file", "."], /cannot be read \(EISDIR\)/],
    [["--file", "-", "--secret-file", "-"], /both the body and the secret/],
    [["--data", "novalue"], /--data takes key=value/],
    [["--data", "a..b=1"], /--data takes key=value/],
    [["--data", "screeningQuestionsOutcome.9.x=1"], /a number from 0 to 1/],
    [["--count", "0"], /whole number from 1/],
    [["--chaos", "--file", "-"], /cannot be used with/],
    [["--chaos", "ANALYSIS_CREATED", "DOCUMENT_UPLOADED"], /name one/],
    [["--curl", "--expect", "401"], /cannot be used with/],
    [["--edit"], /--edit needs a terminal/],
    [["--edit", "--all"], /name one event/],
  ])("%j ends with 2", async (args, advice) => {
    expect(await send(args)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(advice) });
  });

  it("needs a secret", async () => {
    const { code, stderr } = await runCli(["send"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/No signing secret was found/);
  });
});

describe("many deliveries", () => {
  it("sends each documented event", async () => {
    const { url, events } = await startReceiver();
    const { code, stdout, stderr } = await send(["--all", "--url", url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(events.map(({ event }) => event)).toEqual(eventNames);
    expect(stdout).toMatch(/^answer +deliveries +p50 +p90 +p99 +max\n200 +26 (?: +[\d.]+ ms){4}\n26 deliveries in /);
  });

  it("keeps to the number at once, and gives each event an id", async () => {
    let [now, most] = [0, 0];
    const { url, seen } = await startServer(async () => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now--;
      return { status: 200 };
    });
    const { stdout } = await send(["--url", url, "--count", "60", "--concurrency", "4", "--json"]);
    expect(jsonLines(stdout)).toEqual([
      expect.objectContaining({
        ...{ type: "summary", count: 60, wrong: 0 },
        answers: [expect.objectContaining({ answer: "200", count: 60, isRight: true })],
      }),
    ]);
    expect(most).toBe(4);
    expect(new Set(seen.map(({ body }) => JSON.parse(body.toString()).eventId)).size).toBe(60);
  });

  it("counts wrong answers and broken connections, and ends with 1", async () => {
    const { url, seen, server } = await startServer(() => {
      if (seen.length % 5 === 0) server.closeAllConnections();
      return { status: seen.length % 3 === 0 ? 503 : 200, body: "busy" };
    });
    const { code, stdout, stderr } = await send(["--url", url, "--count", "30"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^200 +16 /m);
    expect(stdout).toMatch(/^503 +8 /m);
    expect(stdout).toMatch(/^none: ECONNRESET +6 /m);
    expect(stderr.match(/^503 {2}CONVERSATION_COMPLETED {2}evt_[\w-]+ {2}busy$/gm)).toHaveLength(8);
  });

  it("prints each with --verbose", async () => {
    const { url } = await startReceiver();
    const { stdout } = await send(["--url", url, "--count", "3", "--verbose", "--json"]);
    expect(jsonLines(stdout).map(({ type }) => type)).toEqual(["answer", "answer", "answer", "summary"]);
  });

  it("ends with 130 and the table so far on Ctrl+C", async () => {
    const held = await startServer(() => new Promise(() => {}));
    const single = startCli(["send", "--url", held.url], { env });
    await expect.poll(() => held.seen.length).toBe(1);
    expect(await single.stop()).toMatchObject({ code: 130, stderr: expect.stringContaining("Interrupted") });
    const { url, seen } = await startServer(() => (seen.length > 5 ? new Promise(() => {}) : { status: 200 }));
    const many = startCli(["send", "--url", url, "--count", "100000", "--concurrency", "3"], { env });
    await expect.poll(() => seen.length).toBe(8);
    expect(await many.stop()).toMatchObject({
      code: 130,
      stdout: expect.stringMatching(/^200 +5 [\s\S]*5 deliveries/m),
    });
  });

  it.skipIf(!canBeTerminal)("shows a bar in a terminal, without color under NO_COLOR", async () => {
    const { url } = await startReceiver();
    const args = ["--url", url, "--count", "20"];
    const { stdout } = await send(args, { terminal: true });
    expect(stdout).toMatch(/[█░]{30} \d+ of 20, /);
    expect(stdout).toContain("\u001b[1manswer");
    const plain = await send(args, { terminal: true, env: { NO_COLOR: "1" } });
    expect(plain.stdout).not.toContain("\u001b[1m");
  });
});

describe("chaos", () => {
  it("passes a receiver, and advises an endpoint that believes everything", async () => {
    const good = await startReceiver();
    const { code, stdout, stderr } = await send(["--chaos", "--url", good.url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "10 of 10 scenarios passed.\n" });
    expect(stdout.match(/^passed {2}/gm)).toHaveLength(10);
    const naive = await startServer(() => ({ status: 200 }));
    const failed = await send(["--chaos", "--url", naive.url]);
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(
      /^failed {2}unsigned: .*\n +expected: 401.*\n +answered: 200 \(2 times\)\.\n +Refuse/m,
    );
    const json = await send(["--chaos", "--url", naive.url, "--json"]);
    expect(jsonLines(json.stdout)).toContainEqual(
      expect.objectContaining({ type: "scenario", scenario: "unsigned", passed: false, advice: expect.any(String) }),
    );
  });
});
