import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fixture, signPayload } from "@popp-webhooks/testing";
import { describe, expect, it } from "vitest";
import { canBeTerminal, emptyFolder, jsonLines, type RunOptions, runCli } from "../../test/run-cli.ts";
import { deliver, startDev } from "../../test/start-dev.ts";
import { readCurl } from "./read-curl.ts";
import { shellWords } from "./shell-words.ts";

const SECRET = "the signing secret é";
const body = JSON.stringify(fixture("CALENDAR_MEETING_SCHEDULED", { data: { organizationId: "it's é" } }));
const signature = await signPayload(body, SECRET);
const signedAsFormatted = await signPayload(JSON.stringify(JSON.parse(body), null, 2), SECRET);
const signedWithCrlf = await signPayload("{}\r\n{}", SECRET);
const explain = (args: readonly string[], options: RunOptions = {}) =>
  runCli(["explain", ...args], { ...options, env: { POPP_WEBHOOK_SECRET: SECRET, ...options.env } });

/** A folder with the body, the headers and a curl command. */
function files(): string {
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "body.bin"), body);
  writeFileSync(join(cwd, "headers.txt"), `> POST /x HTTP/1.1\r\n> X-Signature:  ${signature} \r\nhost: a\r\n\r\n`);
  return cwd;
}

describe("explain", () => {
  it("finds a delivery genuine, wherever it stands", async () => {
    const cwd = files();
    const curl = (await runCli(["send", "--curl", "--secret-file", "-"], { stdin: SECRET })).stdout;
    const given: [args: string[], stdin: string][] = [
      [["--file", "body.bin", "--signature", signature], ""],
      [["--signature", "wrong", "--signature", `sha256=${signature.toUpperCase()}`], body],
      [["--headers", "headers.txt"], body],
      [["--file", "body.bin", "--headers", "-"], `x-signature: ${signature}`],
      [["--curl", "-"], curl],
    ];
    for (const [args, stdin] of given) {
      const { code, stdout, stderr } = await explain(args, { cwd, stdin });
      expect({ args, code, stderr }).toEqual({
        args,
        code: 0,
        stderr: "The secret of POPP_WEBHOOK_SECRET was used.\n",
      });
      expect(stdout).toMatch(/^genuine\n {2}The signature matches this body and this secret\./);
    }
  });

  it.each<[cause: string, body: string | Uint8Array, secret: string, given: string]>([
    ["secret-whitespace", body, ` ${SECRET} `, signature],
    ["secret-quotes", body, `"${SECRET}"`, signature],
    ["body-was-formatted", body, SECRET, signedAsFormatted],
    ["body-line-ends", "{}\n{}", SECRET, signedWithCrlf],
    ["signature-undecodable", body, SECRET, "abc"],
    ["signature-missing", body, SECRET, ""],
    ["unknown", body, "one of a stranger", signature],
  ])("names the cause %s, with exit code 1", async (cause, stdin, secret, given) => {
    const env = { POPP_WEBHOOK_SECRET: secret };
    const text = await explain(["--signature", given], { stdin, env });
    expect(text.code).toBe(1);
    expect(text.stdout).toMatch(new RegExp(`^not genuine \\(${cause}\\)\\n {2}\\S.*\\.\\n$`));
    const json = await explain(["--signature", given, "--json"], { stdin, env });
    expect(jsonLines(json.stdout)).toEqual([
      { verdict: "not genuine", cause, explanation: expect.any(String), secretFrom: "POPP_WEBHOOK_SECRET" },
    ]);
    const expected = await signPayload(stdin, secret);
    for (const { stdout, stderr } of [text, json])
      for (const hidden of [secret.trim(), expected]) expect(stdout + stderr).not.toContain(hidden);
  });

  it("explains what dev recorded", async () => {
    const dev = await startDev([], { env: { POPP_WEBHOOK_SECRET: SECRET } });
    await deliver(dev, body);
    expect((await explain(["last"], { cwd: dev.cwd })).stdout).toMatch(/^genuine/);
    await deliver(dev, body, { "x-signature": await signPayload(body, "another") });
    expect(await explain(["last"], { cwd: dev.cwd })).toMatchObject({ code: 1 });
    expect(await explain(["last"], { cwd: dev.cwd, env: { POPP_WEBHOOK_SECRET: "another" } })).toMatchObject({
      code: 0,
    });
  });

  const CUT = {
    ...{ receivedAt: "2026-01-01T00:00:00.000Z", method: "POST", path: "/", headers: [], sha256: "", isCut: true },
    ...{ verdict: "not verified", explanation: null, event: null, eventId: null, inboxKey: null },
  };

  it("cannot judge a body that was cut", async () => {
    const cwd = emptyFolder();
    const folder = join(cwd, ".popp/recordings/2026-01-01T00-00-00-000Z-abcd");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "request.json"), JSON.stringify(CUT));
    writeFileSync(join(folder, "body.bin"), "{");
    expect(await explain(["last"], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/too large to be recorded whole/),
    });
  });

  it.each<[args: string[], advice: RegExp]>([
    [[], /Name a recording, such as last/],
    [["last"], /There is no recording "last"/],
    [["last", "--file", "x"], /one of them/],
    [["--file", "nowhere", "--signature", "x"], /nowhere does not exist/],
    [["--headers", "-"], /both the body and the headers/],
    [["--curl", "-", "--secret-file", "-"], /only one of the files/],
    [["--curl", "-"], /begins with curl/],
    [["--singature", "x"], /Did you mean --signature\?/],
  ])("%j ends with 2", async (args, advice) => {
    const { code, stdout, stderr } = await explain(args, { stdin: "wget x" });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(advice);
  });

  it.skipIf(!canBeTerminal)("is colored in a terminal, not under NO_COLOR, and asks for a pipe there", async () => {
    const args = ["--file", "body.bin", "--signature", signature];
    const cwd = files();
    expect((await explain(args, { cwd, terminal: true })).stdout).toContain("\u001b[32mgenuine");
    const plain = await explain(args, { cwd, terminal: true, env: { NO_COLOR: "1" } });
    expect(plain.stdout).not.toContain("\u001b");
    const typed = await explain(["--signature", signature], { cwd, terminal: true });
    expect(typed).toMatchObject({ code: 2, stdout: expect.stringContaining("pipe a file into the command") });
  });
});

describe("a curl command", () => {
  it("is split as a shell splits it", () => {
    const line = `curl 'a b'"c \\"d\\" \\n" \\\n  -H $'x: \\u00e9\\'\\n\\x41\\101\\t' e\\ f 'it'\\''s'`;
    expect(shellWords(line)).toEqual(["curl", 'a bc "d" \\n', "-H", "x: é'\nAA\t", "e f", "it's"]);
    expect(shellWords("")).toEqual([]);
  });

  it("has its headers and the body that curl would send", async () => {
    const file = join(emptyFolder(), "body.txt");
    writeFileSync(file, "1\r\n2\n");
    const read = async (command: string) => {
      const curl = await readCurl(command);
      return { headers: curl.headers, body: Buffer.from(curl.body).toString() };
    };
    expect(await read(`curl -sSX POST http://a -H 'x-signature: abc' --compressed -H'a:b' --data-raw '@x'`)).toEqual({
      headers: [
        ["x-signature", "abc"],
        ["a", "b"],
      ],
      body: "@x",
    });
    expect((await read(`curl -d a=1 --data=b -o out http://a`)).body).toBe("a=1&b");
    expect((await read(`curl -d @${file} http://a`)).body).toBe("12");
    expect((await read(`curl --data-binary '@${file}' http://a`)).body).toBe("1\r\n2\n");
    await expect(read("curl -d @/nowhere http://a")).rejects.toThrow(/does not exist/);
  });
});
