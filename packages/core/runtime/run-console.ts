import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundle } from "./bundle.ts";
import type { Report } from "./report.ts";

/** Runs the cases in a process of its own, which prints its report. */
export async function runConsole(command: string, ...args: readonly string[]): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "popp-runtime-"));
  try {
    const file = join(folder, "cases.mjs");
    await writeFile(file, (await bundle("console")).text);
    const { stdout } = await promisify(execFile)(command, [...args, file], { timeout: 170_000 });
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}
