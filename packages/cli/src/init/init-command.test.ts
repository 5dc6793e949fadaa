import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { EXPRESS, filesIn, projectOf } from "../../test/project-files.ts";
import { canBeTerminal, emptyFolder, jsonLines, runCli, startCli } from "../../test/run-cli.ts";
import { VERSIONS } from "./plan/versions.ts";
import { FRAMEWORKS } from "./project/framework.ts";

const secretIn = (text = "") => parseEnv(text).POPP_WEBHOOK_SECRET;

describe("init in an empty folder", () => {
  it.each(Object.keys(FRAMEWORKS))(
    "writes a project for %s, and nothing more when it runs again",
    async (framework) => {
      const cwd = emptyFolder();
      const first = await runCli(["init", "--framework", framework], { cwd });
      expect(first.code).toBe(0);
      expect(first.stdout.split("\n")[0]).toBe("created    package.json");
      const files = filesIn(cwd);
      const { scripts } = JSON.parse(files["package.json"] ?? "");
      expect(Object.keys(scripts)).toEqual(["dev", "build", "start", "test", "typecheck"]);

      const second = await runCli(["init"], { cwd });
      expect([second.code, filesIn(cwd)]).toEqual([0, files]);
      expect(second.stderr).toContain("Everything is there.");
      expect(second.stderr).not.toContain("Add this to");
    },
  );

  it("makes a secret of its own, readable for its owner alone, and ignored by git", async () => {
    const [cwd, other] = [emptyFolder(), emptyFolder()];
    const { stdout, stderr } = await runCli(["init", "--framework", "hono"], { cwd });
    await runCli(["init", "--framework", "hono"], { cwd: other });
    const secret = secretIn(filesIn(cwd)[".env"]) ?? "";
    expect(secret).toMatch(/^popp_dev_.{20,}$/);
    expect(secretIn(filesIn(other)[".env"])).not.toBe(secret);
    expect(stdout + stderr).not.toContain(secret);
    expect(statSync(join(cwd, ".env")).mode & 0o777).toBe(0o600);
    expect(filesIn(cwd)[".gitignore"]?.split("\n")).toContain(".env");
    expect(filesIn(cwd)[".env.example"]).toBe("POPP_WEBHOOK_SECRET=\n");
  });

  it("takes the secret that dev made", async () => {
    const cwd = projectOf({ ".popp/secret": "made_by_dev\n" });
    await runCli(["init", "--framework", "workers"], { cwd });
    expect(filesIn(cwd)[".dev.vars"]).toBe("POPP_WEBHOOK_SECRET=made_by_dev\n");
  });

  it("needs to be told the framework, and leaves what is there", async () => {
    const cwd = projectOf({ "src/server.ts": "mine\n" });
    const untold = await runCli(["init"], { cwd });
    expect([untold.code, untold.stdout]).toEqual([2, ""]);
    expect(untold.stderr).toMatch(
      /Give --framework hono, express, fastify, next or workers; hono is the smallest\.\n$/,
    );
    expect((await runCli(["init", "--framework", "koa"], { cwd })).code).toBe(2);
    expect(Object.keys(filesIn(cwd))).toEqual(["src/server.ts"]);

    const told = await runCli(["init", "--framework", "hono"], { cwd });
    expect(told.stdout).toContain("left       src/server.ts");
    expect(filesIn(cwd)["src/server.ts"]).toBe("mine\n");
    expect(told.stderr).toContain("Add this to src/server.ts:");
  });

  it("has the versions that the tests of its projects run on", () => {
    const { devDependencies } = JSON.parse(
      readFileSync(new URL("../../runtime/package.json", import.meta.url), "utf8"),
    );
    expect(VERSIONS).toEqual(
      Object.fromEntries(Object.keys(VERSIONS).map((name) => [name, `^${devDependencies[name]}`])),
    );
  });
});

describe("init --json", () => {
  it("prints a line for each file, what to do by hand, and what comes next", async () => {
    const cwd = projectOf({ "package.json": EXPRESS });
    const { stdout, stderr } = await runCli(["init", "--yes", "--json"], { cwd });
    expect(stderr).toBe("");
    const lines = jsonLines(stdout);
    expect(lines).toContainEqual({ file: "package.json", action: "added to" });
    expect(lines).toContainEqual({ file: "popp/route.ts", action: "created" });
    expect(lines).toContainEqual({ byHand: expect.any(String), text: expect.stringContaining("app.post(") });
    expect(lines.at(-1)).toMatchObject({ next: expect.arrayContaining(["npx @popp-webhooks/cli send"]) });
  });

  it("prints the difference of a dry run, and errors", async () => {
    const cwd = projectOf({ "package.json": EXPRESS });
    const dry = jsonLines((await runCli(["init", "--dry-run", "--json"], { cwd })).stdout);
    expect(dry).toContainEqual({ file: ".env", action: "create", diff: expect.stringContaining("(a random one") });
    const refused = await runCli(["init", "--json"], { cwd });
    expect(jsonLines(refused.stdout)).toEqual([{ error: { code: "NOT_CONFIRMED", message: expect.any(String) } }]);
    expect(refused.code).toBe(2);
  });
});

describe.skipIf(!canBeTerminal)("init in a terminal", () => {
  it("asks for the framework and the inbox, and writes", async () => {
    const cwd = emptyFolder();
    const cli = startCli(["init"], { cwd, terminal: true });
    await cli.saw(/Which framework\?/);
    cli.child.stdin?.write("\r");
    await cli.saw(/Store events in a SQLite file/);
    cli.child.stdin?.write("y");
    expect((await cli.ended).code).toBe(0);
    expect(Object.keys(filesIn(cwd))).toContain("src/popp/inbox.ts");
  });

  it("writes nothing into a project when the answer is no", async () => {
    const cwd = projectOf({ "package.json": EXPRESS });
    const cli = startCli(["init"], { cwd, terminal: true });
    await cli.saw(/Store events in a SQLite file/);
    cli.child.stdin?.write("n");
    await cli.saw(/Write this\?/);
    cli.child.stdin?.write("n");
    expect((await cli.ended).stdout).toContain("Nothing was changed.");
    expect(Object.keys(filesIn(cwd))).toEqual(["package.json"]);
  });

  it("does not ask with --yes, --no-input or --json", async () => {
    const cwd = projectOf({ "package.json": EXPRESS });
    const run = (...args: string[]) => runCli(["init", ...args], { cwd, terminal: true });
    expect((await run("--no-input")).code).toBe(2);
    expect((await run("--json")).code).toBe(2);
    expect((await run("--yes")).code).toBe(0);
  });
});
