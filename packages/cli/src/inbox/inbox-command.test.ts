import { describe, expect, it } from "vitest";
import { poppDb, runSql } from "../../test/popp-db.ts";
import { canBeTerminal, emptyFolder, jsonLines, runCli, startCli } from "../../test/run-cli.ts";
import { bodyOf } from "../../test/seed-inbox.ts";

async function scene() {
  const { cwd, file } = await poppDb();
  const env = { POPP_STORE: file };
  const inbox = (...args: string[]) => runCli(["inbox", ...args], { cwd, env });
  const ids = async (...args: string[]) =>
    jsonLines((await inbox("list", "--json", ...args)).stdout).map(({ id }) => id);
  return { cwd, env, inbox, ids };
}

describe("inbox list", () => {
  it("shows the newest first, with the reason of what is dead, and no escape code of a handler", async () => {
    const { inbox } = await scene();
    const { code, stdout } = await inbox("list");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^dead +CONVERSATION_COMPLETED +evt_3 +broken .* 1 +UnrecoverableError: No requisition/m);
    expect(stdout).toMatch(/evt_3[\s\S]*evt_2[\s\S]*^done .*evt_1/m);
    expect(stdout).not.toContain("\u001b");
  });

  it.skipIf(!canBeTerminal)("is colored in a terminal, and plain there with NO_COLOR", async () => {
    const { cwd, env } = await scene();
    const list = (more: object) => runCli(["inbox", "list"], { cwd, env: { ...env, ...more }, terminal: true });
    expect((await list({})).stdout).toContain("\u001b[31mdead");
    expect((await list({ NO_COLOR: "1" })).stdout).not.toContain("\u001b");
  });

  it.each([
    [
      ["--state", "dead"],
      ["evt_3", "evt_2"],
    ],
    [["--record-id", "ok"], ["evt_1"]],
    [["--about", "cand_ok"], ["evt_1"]],
    [["--organization-id", "org_2"], []],
    [["--event", "CONVERSATION_COMPLETED", "--state", "done"], ["evt_1"]],
    [["--text", '"evt_2"'], ["evt_2"]],
    [["--note", "unhandled"], []],
    [
      ["--since", "1h"],
      ["evt_3", "evt_2", "evt_1"],
    ],
    [["--until", "2026-01-01"], []],
    [["--since", "2999-01-01T00:00:00Z"], []],
  ])("finds by %j", async (filter, expected) => {
    expect(await (await scene()).ids(...filter)).toEqual(expected);
  });

  it("goes on after a page, and says how", async () => {
    const { inbox, ids } = await scene();
    const { stdout, stderr } = await inbox("list", "--limit", "2", "--json");
    expect(jsonLines(stdout).map(({ id }) => id)).toEqual(["evt_3", "evt_2"]);
    const [, cursor = ""] = /--before (\d+)/.exec(stderr) ?? [];
    expect(await ids("--before", cursor)).toEqual(["evt_1"]);
    expect(await ids("--limit", "1", "--all")).toEqual(["evt_3", "evt_2", "evt_1"]);
  });

  it.each([
    ["--state", "deed", "Did you mean dead?"],
    ["--since", "yesterday", "--since takes a time"],
    ["--limit", "0", "--limit takes a whole number"],
    ["--about", "", "is empty"],
    ["--schema", "popp", "--schema is for a store of this kind: postgres"],
    ["--stat", "dead", "(Did you mean --state?)"],
  ])("refuses %s %j with exit code 2", async (...[option, value, sentence]) => {
    const { inbox } = await scene();
    const { code, stdout, stderr } = await inbox("list", option, value);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(sentence);
  });

  it("hints at the name of an event that is misspelt", async () => {
    const { inbox } = await scene();
    expect((await inbox("list", "--event", "CONVERSATION_COMPLETE")).stderr).toContain(
      "Did you mean CONVERSATION_COMPLETED?",
    );
  });

  it("says that nothing matches", async () => {
    const { inbox } = await scene();
    expect(await inbox("list", "--record-id", "nobody")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "No event matches.\n",
    });
    expect((await inbox("list", "--text", "jane", "--redact")).code).toBe(2);
  });

  it("masks values with --redact", async () => {
    const { inbox } = await scene();
    for (const args of [["list"], ["list", "--json"], ["show", "evt_2"], ["show", "evt_2", "--json"]]) {
      const { code, stdout } = await inbox(...args, "--redact");
      expect({ code, args, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("•••") });
      expect(stdout).toContain("evt_2");
      expect(stdout).not.toMatch(/jane|cand_broken/i);
    }
  });
});

describe("inbox show", () => {
  it("shows the attempts with their error, the headers and the body", async () => {
    const { inbox } = await scene();
    const { stdout } = await inbox("show", "evt_2");
    expect(stdout).toMatch(/^\S+Z {2}attempt 1 unrecoverable after .*: UnrecoverableError: No requisition for jane/m);
    expect(stdout).toContain("\ncontent-type: application/json\n");
    expect(stdout).toContain('    "candidateId": "cand_broken",\n');
    // Direction marks could disguise a text.
    expect(stdout).toContain("Jane\\u202e");
    const [json] = jsonLines((await inbox("show", "evt_2", "--json")).stdout);
    expect(json).toMatchObject({ id: "evt_2", state: "dead", body: bodyOf("evt_2", "broken") });
  });

  it("prints the signed bytes with --raw", async () => {
    const { inbox } = await scene();
    expect((await inbox("show", "evt_1", "--raw")).stdout).toBe(bodyOf("evt_1", "ok"));
    expect((await inbox("show", "evt_1", "--raw", "--redact")).code).toBe(2);
  });

  it("says that there is no such event, with exit code 1", async () => {
    const { inbox } = await scene();
    const { code, stderr } = await inbox("show", "evt_9");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('No event has the id "evt_9"') });
  });
});

describe("inbox stats", () => {
  it("counts by state and name, and names what is paused", async () => {
    const { inbox } = await scene();
    await inbox("pause", "CONVERSATION_COMPLETED");
    expect((await inbox("stats")).stdout).toMatch(
      /^CONVERSATION_COMPLETED +0 +0 +0 +1 +2 +0$[\s\S]*Paused: CONVERSATION_COMPLETED\./m,
    );
    const { stderr } = await inbox("resume", "CONVERSATION_COMPLETED");
    expect(stderr).toBe("");
    const [json] = jsonLines((await inbox("stats", "--json")).stdout);
    expect(json).toMatchObject({ counts: { done: 1, dead: 2 }, paused: [] });
    expect((await inbox("resume", "CONVERSATION_COMPLETED")).stderr).toContain("was not paused");
  });
});

describe("inbox redrive", () => {
  it("counts, and changes nothing without --yes where nobody can be asked", async () => {
    const { inbox, ids } = await scene();
    const { code, stdout, stderr } = await inbox("redrive", "--state", "dead");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("This redrives 2 events. Nothing was changed: pass --yes");
    expect((await inbox("redrive", "--state", "dead", "--dry-run")).stdout).toBe("2 events would be redriven.\n");
    expect(await ids("--state", "dead")).toEqual(["evt_3", "evt_2"]);
    expect((await inbox("redrive", "--state", "dead", "--yes", "--json")).stdout).toBe(
      '{"dryRun":false,"redriven":2}\n',
    );
    expect(await ids("--state", "received")).toEqual(["evt_3", "evt_2"]);
  });

  it("redrives one, a handled one only with --force", async () => {
    const { inbox, ids } = await scene();
    expect(await inbox("redrive", "evt_1", "-y")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("--force"),
    });
    expect((await inbox("redrive", "evt_1", "-y", "--force")).stdout).toBe("1 event redriven: due now.\n");
    expect(await ids("--state", "received")).toEqual(["evt_1"]);
    expect((await inbox("redrive", "evt_9", "-y")).code).toBe(1);
    expect((await inbox("redrive", "-y")).code).toBe(2);
    expect((await inbox("redrive", "evt_2", "--state", "dead", "-y")).code).toBe(2);
  });

  it.skipIf(!canBeTerminal).each([
    ["y", 0, []],
    ["n", 0, ["evt_3", "evt_2"]],
    ["\u0003", 130, ["evt_3", "evt_2"]],
  ])("asks in a terminal: %j", async (key, code, dead) => {
    const { cwd, env, ids } = await scene();
    const cli = startCli(["inbox", "redrive", "--state", "dead"], { cwd, env, terminal: true });
    await cli.saw(/This redrives 2 events\.[\s\S]*No/);
    cli.child.stdin?.write(key);
    expect((await cli.ended).code).toBe(code);
    expect(await ids("--state", "dead")).toEqual(dead);
  });

  it.skipIf(!canBeTerminal)("never asks with --no-input", async () => {
    const { cwd, env } = await scene();
    const { code } = await runCli(["inbox", "redrive", "evt_2", "--no-input"], { cwd, env, terminal: true });
    expect(code).toBe(2);
  });
});

describe("inbox erase", () => {
  it("erases what is about a value, after its count was shown", async () => {
    const { inbox, ids } = await scene();
    const about = ["erase", "--about", "cand_broken", "--follow"];
    expect(await inbox(...about)).toMatchObject({ code: 2, stderr: expect.stringContaining("This erases 2 events") });
    expect((await inbox(...about, "--dry-run", "--json")).stdout).toBe('{"dryRun":true,"erased":2,"unreadable":0}\n');
    expect((await inbox(...about, "--yes")).stdout).toBe("2 events erased.\n");
    expect(await ids("--about", "cand_broken")).toEqual([]);
    expect((await inbox("erase", "evt_1", "--yes")).stdout).toBe("1 event erased.\n");
    expect((await inbox("show", "evt_1")).stdout).toContain("It was erased.");
    expect((await inbox("show", "evt_1", "--raw")).stderr).toContain("was erased");
    expect((await inbox("erase", "evt_9", "--yes")).code).toBe(1);
    expect((await inbox("erase", "--yes")).code).toBe(2);
  });
});

describe("inbox prune", () => {
  it("deletes only what is older than the options say, after a question", async () => {
    const { inbox, env } = await scene();
    const tenDaysAgo = Date.now() - 10 * 86_400_000;
    runSql(env.POPP_STORE, `UPDATE popp_inbox_event SET updated_at = ${tenDaysAgo} WHERE event_id = 'evt_1'`);
    expect(await inbox("prune")).toMatchObject({ code: 2, stderr: expect.stringContaining("30 days") });
    expect((await inbox("prune", "--yes", "--json")).stdout).toBe('{"bodies":0,"dead":0,"rows":0}\n');
    expect((await inbox("prune", "--keep-bodies-days", "7", "--yes", "--json")).stdout).toBe(
      '{"bodies":1,"dead":0,"rows":0}\n',
    );
    expect((await inbox("show", "evt_1")).stdout).toContain("It was deleted.");
  });
});

it("prints help that fits a screen and ends with examples", async () => {
  for (const name of ["list", "show", "stats", "redrive", "erase", "pause", "resume", "prune"]) {
    const { code, stdout } = await runCli(["inbox", name, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nExamples:\n(?: {2}# .*\n {2}\$ popp-webhooks inbox .*\n)+$/);
    expect(stdout.split("\n").length).toBeLessThanOrEqual(42);
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  }
  expect((await runCli(["inbox", "--help"])).stdout).toMatch(
    /\nExamples:\n.*\n {2}\$ popp-webhooks inbox stats --store popp\.db\n$/,
  );
  const { code, stderr } = await runCli(["inbox", "lst"], { cwd: emptyFolder() });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("Did you mean list?") });
});
