import { describe, expect, it } from "vitest";
import { EXPRESS, type Files, filesIn, manifestWith, projectOf } from "../../test/project-files.ts";
import { runCli } from "../../test/run-cli.ts";

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
      { "package.json": manifestWith({ next: "16", typescript: "6" }), "app/x": "" },
      ["app/webhooks/popp/route.ts", "app/webhooks/popp/inbox.ts", "instrumentation.ts"],
    ],
    [
      "Next, with src/app, in JavaScript",
      { "package.json": manifestWith({ next: "16" }), "src/app/x": "" },
      ["src/app/webhooks/popp/route.js", "src/instrumentation.js"],
    ],
    [
      "Workers",
      {
        "package.json": manifestWith({}),
        "tsconfig.json": "{}",
        "wrangler.toml": 'main = "src/index.ts"',
        "src/index.ts": "",
      },
      ["src/popp/route.ts", "src/popp/inbox.ts", ".dev.vars"],
    ],
    ["Express in CommonJS", { "package.json": manifestWith({ express: "5" }) }, ["popp/route.mjs", "popp/inbox.mjs"]],
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
    const wrangler = { "package.json": manifestWith({ hono: "4" }), "wrangler.jsonc": "{}" };
    const cwd = projectOf({ ...wrangler, ".env": "A=1\n" });
    await runCli(["init", "--yes"], { cwd });
    expect(filesIn(cwd)[".dev.vars"]).toBeUndefined();
    expect(filesIn(cwd)[".env"]).toMatch(/^A=1\nPOPP_WEBHOOK_SECRET=/);

    const set = projectOf({ ...wrangler, ".dev.vars": "POPP_WEBHOOK_SECRET=mine" });
    await runCli(["init", "--yes"], { cwd: set });
    expect(filesIn(set)[".dev.vars"]).toBe("POPP_WEBHOOK_SECRET=mine");
  });

  it("asks for a choice between two frameworks, and refuses a broken package.json", async () => {
    const two = projectOf({ "package.json": manifestWith({ express: "5", hono: "4" }) });
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
      "package.json": manifestWith({ express: "5" }, { type: "module", scripts: { test: "node --test" } }),
    });
    await runCli(["init", "--yes"], { cwd: node });
    expect(filesIn(node)["popp/route.test.js"]).toContain('from "node:test"');
    const jest = projectOf({ "package.json": manifestWith({ express: "5", jest: "30" }) });
    expect((await runCli(["init", "--yes"], { cwd: jest })).stderr).toContain("No test was written");
    expect(filesIn(jest)["popp/route.test.mjs"]).toBeUndefined();
  });
});
