import { eventNames, fixture } from "@popp-webhooks/testing";
import { describe, expect, it } from "vitest";
import { canBeTerminal, jsonLines, runCli } from "../../test/run-cli.ts";

describe("events", () => {
  it("lists each documented event with its meaning", async () => {
    const { code, stdout, stderr } = await runCli(["events"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const name of eventNames) expect(stdout).toMatch(new RegExp(`^${name} +\\S+`, "m"));
    expect(stdout).not.toContain("\u001b");
  });

  it("prints one object a line with --json", async () => {
    const { stdout } = await runCli(["events", "--json"]);
    expect(jsonLines(stdout).map(({ event }) => event)).toEqual(eventNames);
  });

  it("shows the fields of one event, and what is assumed", async () => {
    const { code, stdout } = await runCli(["events", "conversation_completed"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^conversationStatus +string \| null +may be absent +assumed$/m);
    expect(stdout).toMatch(/^recordId +string +always +seen$/m);
  });

  it.skipIf(!canBeTerminal)("is colored in a terminal, and plain there with NO_COLOR", async () => {
    expect((await runCli(["events"], { terminal: true })).stdout).toContain("\u001b[1mevent");
    const { stdout } = await runCli(["events"], { terminal: true, env: { NO_COLOR: "1" } });
    expect(stdout).toContain("CONVERSATION_COMPLETED");
    expect(stdout).not.toContain("\u001b");
  });

  it("suggests the nearest name, with exit code 2", async () => {
    const { code, stdout, stderr } = await runCli(["events", "CONVERSATION_COMPLETE"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("Did you mean CONVERSATION_COMPLETED?");
    const json = await runCli(["events", "CONVERSATION_COMPLETE", "--json"]);
    expect({ code: json.code, stderr: json.stderr }).toEqual({ code: 2, stderr: "" });
    expect(jsonLines(json.stdout)).toEqual([
      { error: { code: "UNKNOWN_EVENT", message: expect.stringContaining("CONVERSATION_COMPLETED") } },
    ]);
  });

  it("prints the example, the schema, the AsyncAPI document and TypeScript", async () => {
    const print = async (...args: string[]) => (await runCli(["events", ...args])).stdout;
    expect(JSON.parse(await print("DOCUMENT_UPLOADED", "--example"))).toEqual(fixture("DOCUMENT_UPLOADED"));
    expect(JSON.parse(await print("DOCUMENT_UPLOADED", "--json-schema")).title).toBe("DOCUMENT_UPLOADED");
    expect(JSON.parse(await print("--asyncapi")).asyncapi).toMatch(/^3\./);
    expect(await print("DOCUMENT_UPLOADED", "--types")).toMatch(
      /export interface DocumentUploadedEvent \{[\s\S]*readonly event: "DOCUMENT_UPLOADED";[\s\S]*\n\}/,
    );
  });

  it("refuses two formats at once, and an example of nothing", async () => {
    expect((await runCli(["events", "--types", "--asyncapi"])).code).toBe(2);
    expect((await runCli(["events", "--example"])).code).toBe(2);
  });
});

describe("every command line", () => {
  it("suggests the nearest option and command", async () => {
    const option = await runCli(["events", "--exampel"]);
    expect(option).toMatchObject({ code: 2, stdout: "" });
    expect(option.stderr).toContain("(Did you mean --example?)");
    expect((await runCli(["event"])).stderr).toContain("(Did you mean events?)");
  });

  it("prints help to standard output, with examples at its end", async () => {
    const { code, stdout } = await runCli(["events", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nExamples:\n(?: {2}# \S.*\n {2}\$ popp-webhooks events.*\n)+$/);
    expect((await runCli(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await runCli([])).code).toBe(2);
  });
});
