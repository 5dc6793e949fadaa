import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { summary, type Timing } from "./compare.ts";
import { type Result, ratio } from "./result.ts";

const OURS = "@popp-webhooks/core";
const PEERS = ["@octokit/webhooks-methods", "@octokit/webhooks", "standardwebhooks", "svix", "stripe"];

/** Measures how long a new process takes to import each package: the cost of a cold start. */
export async function importTime(rounds: number): Promise<Result[]> {
  const samples = new Map([OURS, ...PEERS].map((name): [string, number[]] => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, times] of samples) {
      const nanoseconds = await importOnce(name);
      if (round >= 0) times.push(nanoseconds);
    }
  }
  const timingOf = (name: string): Timing => summary(samples.get(name) ?? []);
  return PEERS.map((peer) => ratio("import, in a fresh process", timingOf(OURS), peer, timingOf(peer)));
}

async function importOnce(name: string): Promise<number> {
  const code = `const started = process.hrtime.bigint(); await import("${name}"); console.log(Number(process.hrtime.bigint() - started));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: import.meta.dirname,
  });
  return Number(stdout);
}
