import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort, type OwnServer } from "./own-server.ts";
import { wait } from "./patience.ts";

/** Settings with which a server loses no acknowledged write. */
export const DURABLE: readonly string[] = ["--appendonly", "yes", "--appendfsync", "always"];

/** Whether the server is installed. If it is required, its absence is an error; otherwise one line says that it is missing. */
export function hasRedisProgram(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    if (process.env.REQUIRE_SERVICES === "1") throw new Error("redis-server must be there.");
    console.log("redis-server is not there: faults of its server are skipped.");
    return false;
  }
}

/** A Redis for one test. */
export interface OwnRedis extends OwnServer {
  /** Where its files are. */
  readonly folder: string;
  /** @param changed - settings that differ from those before */
  start(changed?: readonly string[]): Promise<void>;
}

/** Creates a server in a temporary folder and starts it. */
export async function ownRedis(settings: readonly string[]): Promise<OwnRedis> {
  const folder = mkdtempSync(join(tmpdir(), "popp-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let server: ChildProcess | undefined;

  const start = async (changed: readonly string[] = []) => {
    const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""];
    const flags = [...place, ...settings, ...changed];
    server = spawn("redis-server", flags, { stdio: "ignore" });
    await answers(url);
  };
  const crash = async () => {
    if (server === undefined) return;
    const exited = once(server, "exit");
    server.kill("SIGKILL");
    await exited;
    server = undefined;
  };
  await start();
  return {
    url,
    folder,
    crash,
    start,
    freeze: () => void server?.kill("SIGSTOP"),
    thaw: () => void server?.kill("SIGCONT"),
    end: async () => {
      await crash();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until the server has loaded its log. */
async function answers(url: string): Promise<void> {
  const client = new Redis(url, { retryStrategy: () => 100, maxRetriesPerRequest: null });
  client.on("error", () => {});
  for (let attempt = 0; attempt < 200; attempt++) {
    if ((await client.ping().catch(() => "")) === "PONG") return client.disconnect();
    await wait(50);
  }
  throw new Error("the server did not start");
}
