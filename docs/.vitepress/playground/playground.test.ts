import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { verifySignature } from "@popp-webhooks/core";
import { eventNames, fixture, signPayload } from "@popp-webhooks/testing";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { bytesOfBase64, describeBytes, describeSecret } from "./body-bytes.ts";
import { handlerCode } from "./handler-code.ts";
import { highlight } from "./highlight.ts";
import { judgeDelivery } from "./judge-delivery.ts";
import { issueInWords, judgeEvent } from "./judge-event.ts";
import { readCurl } from "./read-curl.ts";
import { signedCurl, TEST_SECRET } from "./signed-curl.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const event = bytes(JSON.stringify(fixture("CONVERSATION_COMPLETED")));

describe("the bytes of a body", () => {
  it.each([
    [bytes("{}"), "2 bytes (0x2)"],
    [bytes("\ufeff{}\r\n"), "7 bytes (0x7), with a byte order mark at the start and CRLF line ends"],
    [bytes("a\rb"), "3 bytes (0x3), with CR line ends"],
    [Uint8Array.of(255), "1 byte (0x1), with bytes that are not UTF-8"],
    [bytes("\0"), "1 byte (0x1), with null bytes"],
  ])("%# are described", (body, words) => {
    expect(describeBytes(body)).toBe(words);
  });

  it("come from base64 and base64url, padded or not", () => {
    expect(bytesOfBase64(" +/-_\n")).toEqual(Uint8Array.of(251, 255, 191));
    expect(bytesOfBase64("e30")).toEqual(bytes("{}"));
    expect(bytesOfBase64("{}")).toBeUndefined();
  });
});

it("a secret is described without being quoted", () => {
  expect(["", "ab", "ab\n"].map(describeSecret)).toEqual([
    "",
    "2 characters",
    "3 characters, with white space around it",
  ]);
});

describe("the verdict of a delivery", () => {
  it("is genuine, with what happens to the event", async () => {
    const signature = await signPayload(event, "s3cret");
    expect(await judgeDelivery({ body: event, signature, secret: "s3cret" })).toMatchObject({
      event: { runs: "CONVERSATION_COMPLETED", status: 200, issues: [] },
    });
  });

  it.each([
    ["s3cret\n", "SIGNATURE_MISMATCH", 401, "secret-whitespace"],
    ["undefined", "SECRET_MISSING", 500, "secret-missing"],
  ])("explains why %j does not fit", async (secret, code, status, cause) => {
    const signature = await signPayload(event, "s3cret");
    const verdict = await judgeDelivery({ body: event, signature, secret });
    expect(verdict).toMatchObject({ refusal: { code, status, cause, explanation: expect.any(String) } });
  });

  it("says when a body is larger than a receiver takes", async () => {
    const verdict = await judgeDelivery({ body: new Uint8Array(2 ** 20 + 1), signature: "a", secret: "b" });
    expect(verdict).toMatchObject({ refusal: { code: "BODY_TOO_LARGE", status: 413 } });
  });
});

describe("the judgment of an event", () => {
  it.each(eventNames)("%s: its fixture is known", (name) => {
    expect(judgeEvent(bytes(JSON.stringify(fixture(name)))).runs).toBe(name);
  });

  it.each([
    ["a field of another type", { ...fixture("CONVERSATION_COMPLETED"), data: { recordId: 5 } }, "mismatch"],
    ["another name", { ...fixture("CONVERSATION_COMPLETED"), event: "NEW" }, "unknown-event"],
    ["no event", {}, "not-an-event"],
  ])("%s: UNRECOGNIZED runs", (_, body, reason) => {
    expect(judgeEvent(bytes(JSON.stringify(body)))).toMatchObject({ runs: "UNRECOGNIZED", reason, status: 200 });
  });

  it.each([
    ["{", "PAYLOAD_MALFORMED", /^The body is not JSON: .+/],
    ["[]", "PAYLOAD_INVALID", /^The body: expected an object, got an array\.$/],
  ])("%s is refused, with the reason", (body, code, issue) => {
    expect(judgeEvent(bytes(body))).toMatchObject({ code, status: 400, issues: [expect.stringMatching(issue)] });
  });

  it("names each place in words", () => {
    const at = (path: string, expected: string, received: string) => issueInWords({ path, expected, received });
    expect(at("data.recordId", "string", "nothing")).toBe("data.recordId is missing: expected a string.");
    expect(at("data.a", "(string | null)", "number")).toBe("data.a: expected a string or null, got a number.");
    expect(at("eventId", "non-empty string", "empty string")).toBe(
      "eventId: expected a non-empty string, got an empty string.",
    );
    expect(at("data.a", "(Array | null)", "object")).toBe("data.a: expected an array or null, got an object.");
    expect(at("data.a", "a value", "null")).toBe("data.a: expected a value, got null.");
  });
});

describe("the code of a handler", () => {
  it("compiles for each event, with fields that no document has, and has lines of 66 columns", () => {
    const codes = eventNames.map((name) => handlerCode(name, { ...fixture(name).data, "new-field": 1, class: 2 }));
    codes.push(handlerCode("UNRECOGNIZED", undefined), handlerCode("DOCUMENT_UPLOADED", undefined));
    expect(codes.flatMap((code) => code.split("\n")).filter((line) => line.length > 66)).toEqual([]);
    expect(diagnosticsOf(codes)).toEqual([]);
    expect(diagnosticsOf([codes[0]?.replace("recordId", "recordIds: { x }") ?? ""])).toHaveLength(1);
  });

  it("lists the fields that the data has", () => {
    const code = handlerCode("CONVERSATION_COMPLETED", {
      recordId: "1",
      screeningQuestionsOutcome: [],
      candidateId: "c",
    });
    expect(code).toContain("recordId, // string\n");
    expect(code).toContain("candidateId, // string?\n");
    expect(code).toContain("screeningQuestionsOutcome, // { … }[]?\n");
    expect(code).not.toContain("scorecardTotalValue");
  });

  it("is colored without a change", () => {
    const code = handlerCode("CONVERSATION_COMPLETED", fixture("CONVERSATION_COMPLETED").data);
    const tokens = highlight(code);
    expect(tokens.map(({ text }) => text).join("")).toBe(code);
    expect(new Set(tokens.map(({ kind }) => kind)).size).toBe(4);
  });
});

function diagnosticsOf(codes: readonly string[]): string[] {
  const root = new URL("../../../", import.meta.url).pathname;
  const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, types: ["node"], isolatedDeclarations: false, declaration: false },
    root,
  );
  const files = new Map(codes.map((code, at) => [`${root}docs/playground-${at}.ts`, code]));
  const host = ts.createCompilerHost(options);
  const { fileExists, getSourceFile, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, target, ...rest) => {
    const code = files.get(name);
    return code === undefined ? getSourceFile(name, target, ...rest) : ts.createSourceFile(name, code, target);
  };
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([...files.keys()], options, host));
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

describe("the curl command", () => {
  const awkward = '{"event":"X\'; $HOME `x` \\\\ \\"é😀\n\r\n \u2028 ! @"}';

  it.skipIf(spawnSync("curl", ["--version"]).status !== 0)("sends the exact bytes, signed", async () => {
    const seen: Promise<Uint8Array>[] = [];
    const server = createServer((request, response) => {
      const signature = request.headers["x-signature"];
      seen.push(buffer(request).then((body) => verifySignature({ body, signature }, { secret: TEST_SECRET })));
      request.on("end", () => response.end());
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    for (const body of [awkward, "@file", ""]) {
      const curl = await signedCurl(bytes(body), TEST_SECRET, `http://127.0.0.1:${port}/it's?a=1&b=2`);
      await promisify(execFile)("sh", ["-c", "command" in curl ? curl.command : "false"]);
      expect(Buffer.from((await seen.at(-1)) ?? []).toString()).toBe(body);
    }
    server.close();
  });

  it("is read back as it was written", async () => {
    const curl = await signedCurl(bytes(awkward), "another", "https://x.example/");
    const { body, signature } = readCurl("command" in curl ? curl.command : "");
    expect(body).toEqual(bytes(awkward));
    expect(signature).toBe(await signPayload(awkward, "another"));
  });

  it.each([
    ["{}", "localhost:", /not an address/],
    ["\0", "http://localhost", /null bytes/],
  ])("of %j to %s has a problem", async (body, address, problem) => {
    expect(await signedCurl(bytes(body), "s", address)).toEqual({ problem: expect.stringMatching(problem) });
  });
});
