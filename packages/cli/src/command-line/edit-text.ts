import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliError } from "./cli-error.ts";

/** Opens a text in the user's editor, and returns what it became. */
export function editText(text: string, { isAllowed }: { readonly isAllowed: boolean }): string {
  const editor = process.env.VISUAL || process.env.EDITOR;
  if (!isAllowed || !process.stdin.isTTY)
    throw new CliError("usage", "NO_TERMINAL", "--edit needs a terminal. Write the body to a file and pass --file.");
  if (!editor) throw new CliError("usage", "NO_EDITOR", "--edit needs an editor: set EDITOR, for example to nano.");
  const folder = mkdtempSync(join(tmpdir(), "popp-edit-"));
  try {
    const file = join(folder, "body.json");
    writeFileSync(file, text, { mode: 0o600 });
    // Through a shell, since EDITOR may hold arguments.
    const { status } = spawnSync(`${editor} "${file}"`, { shell: true, stdio: "inherit" });
    if (status !== 0)
      throw new CliError("usage", "EDITOR_FAILED", `The editor ended with ${status}: nothing was sent.`);
    return readFileSync(file, "utf8");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
