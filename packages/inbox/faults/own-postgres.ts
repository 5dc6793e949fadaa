import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, globSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort, type OwnServer } from "./own-server.ts";
import { wait } from "./patience.ts";

/** The folder of the server's programs; undefined when they are not installed. */
export function postgresPrograms(): string | undefined {
  const found = globSync("/usr/{lib/postgresql/*,local/pgsql,local}/bin/initdb").sort().at(-1);
  if (found === undefined && process.env.REQUIRE_SERVICES === "1") throw new Error("Postgres's initdb must be there.");
  if (found === undefined) console.log("Postgres's initdb is not there: faults of its server are skipped.");
  return found?.replace(/\/initdb$/, "");
}

/** Postgres refuses to run as root. */
export function identity(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"]));
  return { uid: id("-u"), gid: id("-g") };
}

/** Creates a server in a temporary folder and starts it. */
export async function ownPostgres(programs: string, settings: readonly string[] = []): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), "popp-postgres-"));
  const who = identity();
  if (who !== undefined) chownSync(folder, who.uid, who.gid);
  const data = join(folder, "data");
  execFileSync(join(programs, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], {
    stdio: "ignore",
    cwd: folder,
    ...who,
  });
  const port = await freePort();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | undefined;

  // Signals the processes of connections too.
  const signal = (name: NodeJS.Signals) => {
    if (server?.pid === undefined) throw new Error("the server does not run");
    const children = execFileSync("ps", ["-o", "pid=", "--ppid", String(server.pid)], { encoding: "utf8" });
    // Kills the parent first: otherwise it restarts its children.
    for (const pid of [server.pid, ...children.split("\n").filter(Boolean).map(Number)]) process.kill(pid, name);
  };
  const crash = async () => {
    if (server === undefined) return;
    const exited = once(server, "exit");
    server.kill("SIGQUIT");
    await exited;
    server = undefined;
  };
  const start = async () => {
    const flags = ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"];
    server = spawn(join(programs, "postgres"), [...flags, ...settings.flatMap((setting) => ["-c", setting])], {
      stdio: "ignore",
      cwd: folder,
      ...who,
    });
    await answers(url);
  };

  await start();
  return {
    url,
    crash,
    start,
    freeze: () => signal("SIGSTOP"),
    thaw: () => signal("SIGCONT"),
    end: async () => {
      await crash();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until a server accepts connections. */
export async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await wait(100);
    }
  }
  throw new Error("the server did not start");
}
