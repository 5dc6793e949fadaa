import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../../test/run-cli.ts";
import { bodyOf, deliver, type RunningDev, startDev } from "../../test/start-dev.ts";

const GOOD = "2026-01-01T00-00-00-000Z-good";
const BAD = "2026-01-02T00-00-00-000Z-bad0";

/** Two recordings, of which the newer one is spoilt. */
async function spoilt(spoil: (folder: string) => void): Promise<RunningDev> {
  const dev = await startDev();
  await deliver(dev, bodyOf("kept"));
  const folder = join(dev.cwd, ".popp/recordings");
  const { stdout } = await runCli(["recordings", "--json"], { cwd: dev.cwd });
  for (const id of [GOOD, BAD]) cpSync(JSON.parse(stdout).folder, join(folder, id), { recursive: true });
  spoil(join(folder, BAD));
  return dev;
}

const edit = (change: object) => (folder: string) => {
  const file = join(folder, "request.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...change }));
};

describe("a recording that was edited by hand", () => {
  it.each<[string, (folder: string) => void]>([
    ["has no body", (folder) => rmSync(join(folder, "body.bin"))],
    ["is no JSON", (folder) => writeFileSync(join(folder, "request.json"), "{")],
    ["has no headers", edit({ headers: undefined })],
    ["has a path as its time", edit({ receivedAt: "../../../x" })],
    ["has half an answer", (folder) => writeFileSync(join(folder, "response.json"), '{"status":')],
  ])("is told apart and hides no other: %s", async (_, spoil) => {
    const { cwd, origin, saw, output } = await spoilt(spoil);
    const listed = await runCli(["recordings"], { cwd });
    expect(listed.stdout).toContain(GOOD);
    expect(listed.stderr).toMatch(/bad0 cannot be read/);
    expect(listed.code).toBe(0);
    for (let look = 0; look < 2; look++)
      expect(await (await fetch(`${origin}/?api=recordings`)).text()).toContain(GOOD);
    await saw(/warning: The recording .*bad0 cannot be read/);
    expect(output().match(/bad0 cannot be read/g)).toHaveLength(1);
    for (const command of [
      ["recordings", BAD],
      ["replay", BAD],
      ["explain", BAD],
      ["recordings", BAD, "--redact", "copy"],
    ]) {
      const { code, stderr } = await runCli(command, { cwd });
      expect(stderr).toMatch(/bad0 cannot be read: its files are not as `dev` writes them/);
      expect(code).toBe(2);
    }
  });

  it.each([[{ headers: [["x-odd", "a\r\nb: c"]] }], [{ method: "GET / HTTP/1.1\r\n" }]])(
    "is not sent when HTTP does not allow it: %j",
    async (change) => {
      const { cwd, webhook } = await spoilt(edit(change));
      const { code, stderr } = await runCli(["replay", BAD, "--url", webhook], { cwd });
      expect(stderr).toMatch(/The request cannot be sent/);
      expect(code).toBe(2);
    },
  );

  it("is shown without the escape codes in it", async () => {
    const hostile = "\u001b\u009b\u202e";
    const { cwd } = await spoilt(edit({ method: hostile, verdict: hostile, explanation: hostile, event: hostile }));
    for (const args of [[BAD], [], [BAD, "--json"]]) {
      const { stdout, code } = await runCli(["recordings", ...args], { cwd });
      for (const character of hostile) expect(stdout).not.toContain(character);
      expect(code).toBe(0);
    }
  });

  it("is not meant by an empty id", async () => {
    const { cwd } = await spoilt(() => {});
    expect((await runCli(["replay", ""], { cwd })).stderr).toMatch(/There is no recording ""/);
  });
});

it("records again after its folder was removed", async () => {
  const dev = await startDev();
  rmSync(join(dev.cwd, ".popp/recordings"), { recursive: true });
  expect((await deliver(dev, bodyOf("first"))).status).toBe(200);
  expect((await runCli(["recordings", "last"], { cwd: dev.cwd })).code).toBe(0);
});
