import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { verifySignature } from "@popp-webhooks/core";
import { describe, expect, it } from "vitest";
import { canBeTerminal, emptyFolder, jsonLines, runCli } from "../../test/run-cli.ts";
import { bodyOf, deliver, startDev } from "../../test/start-dev.ts";
import { startServer } from "../../test/start-server.ts";

describe("replay", () => {
  it("sends a recording again with its own signature, byte for byte", async () => {
    const dev = await startDev();
    const body = bodyOf("replayed");
    await deliver(dev, body, { "X-Custom": "kept" });
    const { code, stdout } = await runCli(["replay", "--url", dev.webhook], { cwd: dev.cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^200 CONVERSATION_COMPLETED[\s\S]*"duplicate"/);
    const target = await startServer(() => ({ status: 503, body: "later" }));
    const refused = await runCli(["replay", "last", "--url", target.url, "--json"], { cwd: dev.cwd });
    expect(refused.code).toBe(1);
    expect(jsonLines(refused.stdout)).toEqual([
      expect.objectContaining({ status: 503, isRight: false, body: "later" }),
    ]);
    expect(target.seen[0]?.body.toString()).toBe(body);
    expect(target.seen[0]?.rawHeaders).toEqual(expect.arrayContaining(["X-Custom", "kept"]));
    const expected = await runCli(["replay", "--url", target.url, "--expect", "503"], { cwd: dev.cwd });
    expect(expected.code).toBe(0);
  });

  it.skipIf(!canBeTerminal)("signs an edited body again, and says so", async () => {
    const dev = await startDev();
    await deliver(dev, bodyOf("before"));
    const editor = join(dev.cwd, "editor.sh");
    writeFileSync(editor, `#!/bin/sh\nsed -i 's/before/edited/' "$1"\n`);
    chmodSync(editor, 0o755);
    const options = { cwd: dev.cwd, terminal: true, env: { EDITOR: editor, VISUAL: undefined } };
    const { stdout } = await runCli(["replay", "--edit", "--url", dev.webhook], options);
    expect(stdout).toMatch(/signed again, with the secret of \.popp\/secret/);
    expect(stdout).toContain('"accepted"');
    await dev.saw(/genuine {2}CONVERSATION_COMPLETED {2}edited/);
  });

  it("sends a stored event again, signed again", async () => {
    const dev = await startDev();
    await deliver(dev, bodyOf("stored"));
    await dev.stop();
    const target = await startServer(() => ({ status: 200, body: "ok" }));
    const replay = ["replay", "--inbox", "--url", target.url];
    const { code, stderr } = await runCli([...replay, "stored"], { cwd: dev.cwd });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining("An inbox keeps no signature: it is signed again"),
    });
    const [seen] = target.seen;
    const signature = seen?.rawHeaders[seen.rawHeaders.indexOf("x-signature") + 1];
    await expect(verifySignature({ body: seen?.body ?? "", signature }, { secret: dev.secret })).resolves.toBeDefined();
    expect(await runCli([...replay, "nobody"], { cwd: dev.cwd })).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("No event in the inbox"),
    });
  });

  it("needs a terminal to edit, a recording, and somebody who listens", async () => {
    const dev = await startDev();
    await deliver(dev, bodyOf("kept"));
    await dev.stop();
    expect(await runCli(["replay", "--edit"], { cwd: dev.cwd })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--edit needs a terminal"),
    });
    expect(await runCli(["replay", "--url", dev.webhook], { cwd: dev.cwd })).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("Nothing listens there"),
    });
    expect(await runCli(["replay"], { cwd: emptyFolder() })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("There is no recording"),
    });
  });
});
