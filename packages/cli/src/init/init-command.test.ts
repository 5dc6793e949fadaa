import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { canBeTerminal, emptyFolder, jsonLines, runCli, startCli } from "../../test/run-cli.ts";
import { FRAMEWORKS } from "./framework.ts";
import { VERSIONS } from "./versions.ts";

type Files = Readonly<Record<string, string>>;

/** A folder with these files, removed when the test ends. */
function projectOf(files: Files): string {
  const folder = emptyFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** All files of a folder with their texts. */
function filesIn(folder: string): Files {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]));
}

const manifest = (dependencies: Files, more: object = {}) => JSON.stringify({ ...more, dependencies }, null, 2);
const EXPRESS = manifest({ express: "^5.0.0", typescript: "^5.0.0" }, { type: "module" });
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

describe("init in an existing project", () => {
  it("shows the difference, and writes with --yes alone when nobody can be asked", async () => {
    const cwd = projectOf({ "package.json": EXPRESS });
    const shown = await runCli(["init"], { cwd });
    expect(shown.code).toBe(2);
    expect(shown.stdout).toContain('+    "@popp-webhooks/express": "^');
    expect(shown.stdout).toContain("+++ popp/route.ts");
    expect(shown.stderr).toContain("pass --yes");
    expect(Object.keys(filesIn(cwd))).toEqual(["package.json"]);

    const dry = await runCli(["init", "--dry-run"], { cwd });
    expect([dry.code, dry.stderr]).toEqual([0, "Nothing was written.\n"]);
    expect(Object.keys(filesIn(cwd))).toEqual(["package.json"]);

    expect((await runCli(["init", "--yes"], { cwd })).code).toBe(0);
    expect(Object.keys(filesIn(cwd))).toContain("popp/route.ts");
  });

  it("adds to package.json, .env and .gitignore, and keeps all else as it is written", async () => {
    const text = `{\n\t"type": "module",\n\t"files": ["a", "b"],\n\t"dependencies": {\n\t\t"express": "^5.0.0"\n\t},\n\t"devDependencies": { "vitest": "^4.0.0" }\n}`;
    const cwd = projectOf({
      "package.json": text.replaceAll("\n", "\r\n"),
      ".env": "OTHER=very secret",
      ".gitignore": "node_modules\n.env*\n",
    });
    const { stdout } = await runCli(["init", "--yes"], { cwd });
    const files = filesIn(cwd);
    const added = files["package.json"] ?? "";
    expect(added).toContain('\t"files": ["a", "b"],\r\n');
    expect(added).toContain('\t\t"@popp-webhooks/core": "^');
    expect(added).toMatch(/"vitest": "\^4\.0\.0"/);
    expect(added.replaceAll("\r\n", "")).not.toContain("\n");
    expect(added.endsWith("}")).toBe(true);
    expect(Object.keys(JSON.parse(added))).toEqual(["type", "files", "dependencies", "devDependencies", "scripts"]);
    expect(files[".env"]).toMatch(/^OTHER=very secret\nPOPP_WEBHOOK_SECRET=popp_dev_\S+\n$/);
    expect(files[".gitignore"]).toBe("node_modules\n.env*\n");
    expect(stdout).toContain("+POPP_WEBHOOK_SECRET=(a random one, for development)");
    expect(stdout).not.toContain("very secret");
    expect(stdout).not.toContain("popp_dev_");
  });

  it("leaves files with other content, and says what to add to which", async () => {
    const server = 'import express from "express";\nconst app = express();\n';
    const files = { "package.json": EXPRESS, "src/server.ts": server, "src/popp/route.ts": "mine\n" };
    const cwd = projectOf(files);
    const { code, stdout, stderr } = await runCli(["init", "--yes"], { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain("left       src/popp/route.ts  (it is there with other content)");
    expect(stdout).toContain("created    src/popp/handlers.ts");
    expect(stderr).toMatch(/Add this to src\/popp\/route\.ts:\n\n {2}import \{ createReceiver \}/);
    expect(stderr).toContain("Your server must load .env");
    expect(stderr).toMatch(/Add this to src\/server\.ts:\n\n {2}import \{ popp \} from "\.\/popp\/route\.js";/);
    const now = filesIn(cwd);
    expect([now["src/server.ts"], now["src/popp/route.ts"]]).toEqual([server, "mine\n"]);
  });

  it.each<[string, Files, readonly string[]]>([
    [
      "Next, with app",
      { "package.json": manifest({ next: "16", typescript: "6" }), "app/x": "" },
      ["app/webhooks/popp/route.ts", "app/webhooks/popp/inbox.ts", "instrumentation.ts"],
    ],
    [
      "Next, with src/app, in JavaScript",
      { "package.json": manifest({ next: "16" }), "src/app/x": "" },
      ["src/app/webhooks/popp/route.js", "src/instrumentation.js"],
    ],
    [
      "Workers",
      {
        "package.json": manifest({}),
        "tsconfig.json": "{}",
        "wrangler.toml": 'main = "src/index.ts"',
        "src/index.ts": "",
      },
      ["src/popp/route.ts", "src/popp/inbox.ts", ".dev.vars"],
    ],
    ["Express in CommonJS", { "package.json": manifest({ express: "5" }) }, ["popp/route.mjs", "popp/inbox.mjs"]],
  ])("finds %s", async (_, files, expected) => {
    const cwd = projectOf(files);
    expect((await runCli(["init", "--inbox", "--yes"], { cwd })).code).toBe(0);
    const written = filesIn(cwd);
    expect(Object.keys(written)).toEqual(expect.arrayContaining([...expected]));
    // The inbox stays without the option, and nothing is written twice.
    expect((await runCli(["init", "--yes"], { cwd })).code).toBe(0);
    expect(filesIn(cwd)).toEqual(written);
  });

  it("keeps the variable where it is, and adds to .env of a Worker that has no .dev.vars", async () => {
    const wrangler = { "package.json": manifest({ hono: "4" }), "wrangler.jsonc": "{}" };
    const cwd = projectOf({ ...wrangler, ".env": "A=1\n" });
    await runCli(["init", "--yes"], { cwd });
    expect(filesIn(cwd)[".dev.vars"]).toBeUndefined();
    expect(filesIn(cwd)[".env"]).toMatch(/^A=1\nPOPP_WEBHOOK_SECRET=/);

    const set = projectOf({ ...wrangler, ".dev.vars": "POPP_WEBHOOK_SECRET=mine" });
    await runCli(["init", "--yes"], { cwd: set });
    expect(filesIn(set)[".dev.vars"]).toBe("POPP_WEBHOOK_SECRET=mine");
  });

  it("asks for a choice between two frameworks, and refuses a broken package.json", async () => {
    const two = projectOf({ "package.json": manifest({ express: "5", hono: "4" }) });
    expect((await runCli(["init"], { cwd: two })).stderr).toContain(
      "package.json has hono and express. Give --framework",
    );
    const broken = await runCli(["init"], { cwd: projectOf({ "package.json": '{ "a": ' }) });
    expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining("package.json is not a JSON object")]);
  });

  it.each([
    ["pnpm-lock.yaml", "pnpm install", "pnpm test"],
    ["bun.lock", "bun install", "bun run test"],
    ["package-lock.json", "npm install", "npm run test"],
  ])("knows the package manager of %s", async (lock, install, test) => {
    const cwd = projectOf({ "package.json": EXPRESS, [lock]: "" });
    const { stderr } = await runCli(["init", "--yes"], { cwd });
    expect(stderr).toContain(`$ ${install}\n`);
    expect(stderr).toContain(`$ ${test}\n`);
  });

  it("writes the test for the runner of the project", async () => {
    const node = projectOf({
      "package.json": manifest({ express: "5" }, { type: "module", scripts: { test: "node --test" } }),
    });
    await runCli(["init", "--yes"], { cwd: node });
    expect(filesIn(node)["popp/route.test.js"]).toContain('from "node:test"');
    const jest = projectOf({ "package.json": manifest({ express: "5", jest: "30" }) });
    expect((await runCli(["init", "--yes"], { cwd: jest })).stderr).toContain("No test was written");
    expect(filesIn(jest)["popp/route.test.mjs"]).toBeUndefined();
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
    await cli.saw(/Store events in an SQLite file/);
    cli.child.stdin?.write("y");
    expect((await cli.ended).code).toBe(0);
    expect(Object.keys(filesIn(cwd))).toContain("src/popp/inbox.ts");
  });

  it("writes nothing into a project when the answer is no", async () => {
    const cwd = projectOf({ "package.json": EXPRESS });
    const cli = startCli(["init"], { cwd, terminal: true });
    await cli.saw(/Store events in an SQLite file/);
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
