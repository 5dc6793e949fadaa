import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyFolder, runCli } from "../../test/run-cli.ts";
import { startDev } from "../../test/start-dev.ts";

type Spoil = (cwd: string, popp: string) => void;

describe("the folder .popp", () => {
  it("closes a folder that others could read", async () => {
    const cwd = emptyFolder();
    mkdirSync(join(cwd, ".popp"));
    chmodSync(join(cwd, ".popp"), 0o755);
    await startDev([], { cwd });
    expect(statSync(join(cwd, ".popp")).mode & 0o777).toBe(0o700);
  });

  it.each<[string, Spoil, RegExp]>([
    [
      "a file",
      (_, popp) => writeFileSync(popp, ""),
      /\.popp cannot be used as a folder \(\w+\)\. A file is in its place/,
    ],
    ["a link", (cwd, popp) => symlinkSync(mkdirIn(cwd, "elsewhere"), popp), /\.popp is a link.*remove the link/],
    [
      "a link as the secret",
      (_, popp) => symlinkSync("/nowhere/secret", join(mkdir(popp), "secret")),
      /EEXIST.*move the file away/,
    ],
    ["a folder as the secret", (_, popp) => mkdirIn(mkdir(popp), "secret"), /\.popp\/secret cannot be read \(EISDIR\)/],
    [
      "binary in the secret",
      (_, popp) => writeFileSync(join(mkdir(popp), "secret"), Buffer.from([0xff, 0x1b])),
      /holds bytes that are no text/,
    ],
    ["a folder .env", (cwd) => mkdirIn(cwd, ".env"), /\.env cannot be read \(EISDIR\)/],
    [
      "a file as the recordings",
      (_, popp) => writeFileSync(join(mkdir(popp), "recordings"), ""),
      /A file is in its place/,
    ],
  ])("refuses %s with a sentence", async (_, spoil, sentence) => {
    const cwd = emptyFolder();
    spoil(cwd, join(cwd, ".popp"));
    const { code, stderr } = await runCli(["dev", "--port", "0"], { cwd });
    expect(stderr).toMatch(sentence);
    expect(code).toBe(2);
  });

  it("lists no recordings where their folder is a file", async () => {
    const cwd = emptyFolder();
    writeFileSync(join(mkdir(join(cwd, ".popp")), "recordings"), "");
    const { code, stderr } = await runCli(["recordings"], { cwd });
    expect(stderr).toMatch(/recordings cannot be used as a folder/);
    expect(code).toBe(2);
  });
});

function mkdir(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}

const mkdirIn = (parent: string, name: string) => mkdir(join(parent, name));
