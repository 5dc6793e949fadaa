import { fork } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { SECRET } from "../deliveries.ts";
import { PATH } from "../http/path.ts";
import { start } from "../http/started.ts";
import type { Result } from "../result.ts";

const RATE = 5_000;
const TARGET_SHARE = 0.95;
const TARGET_GROWTH_MB = 5;

const main = join(dirname(createRequire(import.meta.url).resolve("@popp-webhooks/cli/package.json")), "dist/main.js");
const preload = new URL("report-memory.ts", import.meta.url).href;

/** Measures whether `send --rate` holds its rate against a receiver on this machine, and whether its memory stays flat meanwhile. */
export async function send(deliveries: number, progress: (text: string) => void): Promise<Result[]> {
  const amount = deliveries.toLocaleString("en");
  progress(`send: ${amount} deliveries at ${RATE.toLocaleString("en")} a second`);
  const server = await start(new URL("../http/servers.ts", import.meta.url), "node:http");
  try {
    const { perSecond, wrong, memory } = await run(`http://127.0.0.1:${server.port}${PATH}`, deliveries);
    if (wrong > 0) throw new Error(`${wrong} of the deliveries were not answered with 200`);
    const live = memory.map(({ liveMb }) => liveMb);
    const growth = Math.max(...live.slice(1)) - (live[0] ?? Number.NaN);
    return [
      {
        what: `send --rate ${RATE}: deliveries per second, ${amount} of them`,
        against: "",
        measured: Math.round(perSecond).toLocaleString("en"),
        target: `≥ ${(RATE * TARGET_SHARE).toLocaleString("en")}`,
        met: perSecond >= RATE * TARGET_SHARE,
      },
      {
        what: "send --rate: growth of what it holds in memory",
        against: "",
        measured: `${growth.toFixed(1)} MB`,
        target: `≤ ${TARGET_GROWTH_MB} MB`,
        met: growth <= TARGET_GROWTH_MB,
      },
      {
        what: "send --rate: memory at its peak",
        against: "",
        measured: `${Math.round(Math.max(...memory.map(({ rssMb }) => rssMb)))} MB`,
      },
    ];
  } finally {
    server.stop();
  }
}

/** Its memory at a time, in MB. */
interface Memory {
  readonly rssMb: number;
  /** Without garbage. */
  readonly liveMb: number;
}

/** What `send` printed, and its memory in the course of it. */
interface Sent {
  readonly perSecond: number;
  readonly wrong: number;
  readonly memory: readonly Memory[];
}

async function run(url: string, count: number): Promise<Sent> {
  const args = ["send", "--url", url, "--count", `${count}`, "--rate", `${RATE}`, "--json"];
  const child = fork(main, args, {
    execArgv: [...process.execArgv, "--import", preload],
    env: { ...process.env, POPP_WEBHOOK_SECRET: SECRET },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  const memory: Memory[] = [];
  child.on("message", (told: Memory) => memory.push(told));
  const [printed] = await Promise.all([child.stdout ? text(child.stdout) : "", once(child, "exit")]);
  return { ...JSON.parse(printed.trim().split("\n").at(-1) ?? ""), memory };
}
