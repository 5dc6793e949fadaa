import { describe, expect, it } from "vitest";
import { runCli } from "../../test/run-cli.ts";

/** Whatever a terminal would act on: escape codes, of 7 and of 8 bits, and direction marks. */
const RAW = /[^\P{Cc}\n]|\p{Cf}/u;
const HOSTILE = "a\u001b[31m\u009b31m\r\u0007\u202e\u{e0041}\u007f";

describe("text from outside", () => {
  it.each([
    [["send", HOSTILE]],
    [["replay", HOSTILE]],
    [["events", `--${HOSTILE}`]],
    [["dev", "--port", HOSTILE]],
    [["dev", "--path", HOSTILE]],
    [["send", "--file", HOSTILE]],
    [["send", "--secret-file", HOSTILE]],
    [["inbox", "list", "--store", HOSTILE]],
    [["inbox", "list", "--state", HOSTILE]],
    [["doctor", "--store", HOSTILE]],
  ])("reaches the terminal as visible characters: %j", async (args) => {
    for (const json of [[], ["--json"]]) {
      const { code, stdout, stderr } = await runCli([...args, ...json]);
      expect(stdout + stderr).not.toMatch(RAW);
      expect(stdout + stderr).not.toContain("defect");
      expect(code).toBeGreaterThan(0);
    }
  });

  it("keeps its meaning in JSON", async () => {
    const { stdout } = await runCli(["replay", HOSTILE, "--json"]);
    expect(JSON.parse(stdout).error.message).toContain(HOSTILE);
  });
});
