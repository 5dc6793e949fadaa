import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { COMMAND, emptyFolder, runCli } from "../../test/run-cli.ts";

it.each(["bash", "zsh", "fish", "powershell"])("prints a script for %s", async (shell) => {
  const { code, stdout } = await runCli(["completion", shell]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/popp-webhooks complete '?--/);
});

it("completes commands, options and event names", async () => {
  const completed = async (...words: string[]) => (await runCli(["complete", "--", ...words])).stdout;
  expect(await completed("")).toMatch(/^dev\b/m);
  expect(await completed("dev", "--fo")).toMatch(/^--forward\b/m);
  expect(await completed("events", "CONVERSATION_C")).toMatch(/^CONVERSATION_COMPLETED\b/m);
});

it.skipIf(!existsSync("/bin/bash"))("works in a real bash", async () => {
  const folder = emptyFolder();
  const bin = join(folder, "popp-webhooks");
  writeFileSync(bin, `#!/bin/sh\nexec ${COMMAND.map((word) => `"${word}"`).join(" ")} "$@"\n`);
  chmodSync(bin, 0o755);
  const { stdout: script } = await runCli(["completion", "bash"]);
  writeFileSync(join(folder, "script"), script);
  const [, name = ""] = /complete -F (\S+)/.exec(script) ?? [];
  // What the package bash-completion brings, which may not be installed here.
  const wordsByRef = `_get_comp_words_by_ref() { words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=\${COMP_WORDS[COMP_CWORD]}; }`;
  const words =
    "COMP_WORDS=(popp-webhooks events DOCUMENT_); COMP_CWORD=2; COMP_LINE='popp-webhooks events DOCUMENT_'; COMP_POINT=30";
  const printed = execFileSync(
    "/bin/bash",
    ["-c", `${wordsByRef}; source script; ${words}; ${name}; printf '%s\\n' "\${COMPREPLY[@]}"`],
    {
      cwd: folder,
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
      encoding: "utf8",
    },
  );
  expect(printed).toContain("DOCUMENT_UPLOADED");
});

it("says which shells it knows", async () => {
  const { code, stderr } = await runCli(["completion", "csh"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/zsh.*bash.*fish.*powershell/i);
});
