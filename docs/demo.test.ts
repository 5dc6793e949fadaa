import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("the demo writes no escape codes into a pipe, fits 100 columns, and ends with what to do next", async () => {
  const cwd = fileURLToPath(new URL("examples/demo/", import.meta.url));
  const flags = ["--disable-warning=ExperimentalWarning", "--conditions=@popp-webhooks/source"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, "demo.ts"], { cwd });
  expect(stdout).not.toContain("\u001b");
  expect(stdout.split("\n").filter((line) => line.length > 100)).toEqual([]);
  expect(stdout).toMatch(/\nNext:\n(?: {2}\S.*\n)+$/);
});
