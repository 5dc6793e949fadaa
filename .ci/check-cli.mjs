// Installs the packed command line with npm in an empty project, on each supported Node, and uses it as a newcomer would: `dev` receives what
// `send` sends, and `explain` explains it.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const NODES = ["node20", "node22", "node24"];

/** What the command line may take on a disk, with all it pulls in. */
const MAX_MEGABYTES = 15;

/** The Nodes that the tests of the runtimes bring. */
const runtimes = fileURLToPath(new URL("../packages/core/runtime/node_modules", import.meta.url));

/** @param tarballs - pairs of a package's name and the address of its tarball */
export async function checkCli(work, tarballs) {
  for (const node of NODES) {
    const project = mkdtempSync(join(work, `${node}-`));
    const bin = join(runtimes, node, "bin");
    const { POPP_WEBHOOK_SECRET: _, ...inherited } = process.env;
    const env = { ...inherited, PATH: `${bin}:${inherited.PATH}`, NO_COLOR: "1" };
    const run = (command, ...args) => {
      try {
        return execFileSync(command, args, { cwd: project, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
      } catch (error) {
        throw new Error(`${node}: ${command} ${args.join(" ")}\n${error.stdout ?? ""}${error.stderr ?? ""}`);
      }
    };
    const local = Object.fromEntries(tarballs);
    const dependencies = { "@popp-webhooks/cli": local["@popp-webhooks/cli"] };
    writeFileSync(
      join(project, "package.json"),
      JSON.stringify({ private: true, dependencies, overrides: overridesOf(local) }),
    );
    run("npm", "install", "--no-audit", "--no-fund", "--prefer-offline");
    const megabytes = Number(run("du", "-sk", "node_modules").split("\t")[0]) / 1024;
    if (!(megabytes < MAX_MEGABYTES))
      throw new Error(
        `@popp-webhooks/cli takes ${megabytes.toFixed(1)} MB with all it pulls in; ${MAX_MEGABYTES} are allowed`,
      );
    await receiveAndReplay(project, env, run);
    console.log(
      `   @popp-webhooks/cli on Node ${run("node", "--version").trim()}: ${megabytes.toFixed(1)} MB; receives, sends, explains, replays`,
    );
  }
}

/** Every other package comes from its tarball, too. */
function overridesOf({ "@popp-webhooks/cli": _, ...others }) {
  return others;
}

async function receiveAndReplay(project, env, run) {
  const cli = join(project, "node_modules/.bin/popp-webhooks");
  const dev = spawn(cli, ["dev", "--port", "0"], { cwd: project, env, stdio: ["ignore", "pipe", "pipe"] });
  try {
    const webhook = await new Promise((resolve, reject) => {
      let said = "";
      dev.stderr.on("data", (text) => {
        said += text;
        const [, url] = /Webhook {2}(\S+)[\s\S]*Ctrl\+C/.exec(said) ?? [];
        if (url) resolve(url);
      });
      dev.on("exit", () => reject(new Error(`dev ended:\n${said}`)));
    });
    run(cli, "send", "CONVERSATION_COMPLETED", "--url", webhook);
    run(cli, "explain", "last");
    run(cli, "replay", "last", "--url", webhook);
  } finally {
    dev.kill("SIGINT");
  }
}
