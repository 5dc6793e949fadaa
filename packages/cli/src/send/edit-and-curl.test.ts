import { execFile, spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { canBeTerminal, emptyFolder, jsonLines, runCli } from "../../test/run-cli.ts";
import { SECRET, startReceiver } from "../../test/start-receiver.ts";

const env = { POPP_WEBHOOK_SECRET: SECRET };
/** Not `execFileSync`: the server is in this process. */
const shell = async (line: string, cwd: string) => (await promisify(execFile)("sh", ["-c", line], { cwd })).stdout;
const hasCurl = spawnSync("curl", ["--version"]).status === 0;

it.skipIf(!hasCurl)("prints a curl command that is accepted, with any text and any file", async () => {
  const { url, events, seen } = await startReceiver();
  const cwd = emptyFolder();
  const bytes = Buffer.from([64, 0, 255, 13, 10]);
  writeFileSync(join(cwd, "it's.bin"), bytes);
  const lines = ["--data", "participantFirstName=O'Neill $HOME\n`x`", "--curl", "--url", url];
  const text = await runCli(["send", ...lines], { env });
  const file = await runCli(["send", "--file", "it's.bin", "--curl", "--url", url], { env, cwd });
  expect([text.code, file.code]).toEqual([0, 0]);
  expect(seen).toEqual([]);
  expect(await shell(text.stdout, cwd)).toMatch(/^HTTP\/1.1 200/);
  expect(events[0]).toMatchObject({ data: { participantFirstName: "O'Neill $HOME\n`x`" } });
  expect(await shell(file.stdout, cwd)).toContain("PAYLOAD_MALFORMED");
  expect(seen[1]?.body).toEqual(bytes);
  const json = await runCli(["send", "--all", "--curl", "--json", "--url", url], { env });
  expect(jsonLines(json.stdout)).toHaveLength(26);
});

it("refuses a body that no command line can hold", async () => {
  const piped = await runCli(["send", "--file", "-", "--curl"], { env, stdin: new Uint8Array([0]) });
  expect(piped).toMatchObject({ code: 2, stderr: expect.stringMatching(/Write it to a file/) });
});

it.skipIf(!canBeTerminal)("sends what the editor leaves, byte for byte", async () => {
  const { url, events, seen } = await startReceiver();
  const folder = emptyFolder();
  const edit = async (script: string) => {
    const editor = join(folder, "an editor.sh");
    writeFileSync(editor, `#!/bin/sh\n${script}\n`);
    chmodSync(editor, 0o755);
    const options = { terminal: true, env: { ...env, VISUAL: `'${editor}'`, EDITOR: "false" } };
    return runCli(["send", "DOCUMENT_UPLOADED", "--edit", "--url", url], options);
  };
  expect((await edit(`sed -i 's/"recordId": "[^"]*"/"recordId": "edited"/' "$1"`)).code).toBe(0);
  expect(events[0]).toMatchObject({ event: "DOCUMENT_UPLOADED", data: { recordId: "edited" } });
  expect(seen[0]?.body.toString()).toMatch(/^\{\n {2}"event"/);
  expect((await edit(`printf '{' > "$1"`)).stdout).toMatch(/the body is no JSON[\s\S]*PAYLOAD_MALFORMED/);
  expect(await edit("exit 3")).toMatchObject({ code: 2, stdout: expect.stringContaining("nothing was sent") });
  expect(seen).toHaveLength(2);
});
