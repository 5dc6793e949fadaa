import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answers, identity } from "./own-postgres.ts";
import { freePort } from "./own-server.ts";

/** Whether PgBouncer is installed. If it is required, its absence is an error; otherwise one line says that it is missing. */
export function hasPgBouncer(): boolean {
  try {
    execFileSync("pgbouncer", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    if (process.env.REQUIRE_SERVICES === "1") throw new Error("pgbouncer must be there.");
    console.log("pgbouncer is not there: the tests of poolers are skipped.");
    return false;
  }
}

/** A pooler for one test. */
export interface OwnPooler {
  readonly url: string;
  end(): Promise<void>;
}

/** Starts a PgBouncer in transaction mode before a server: all clients share two of its connections. */
export async function ownPgBouncer(database: string): Promise<OwnPooler> {
  const folder = mkdtempSync(join(tmpdir(), "popp-pgbouncer-"));
  const [target, url, who] = [new URL(database), new URL(database), identity()];
  url.port = String(await freePort());
  url.hostname = "127.0.0.1";
  const settings = [
    "[databases]",
    `* = host=${target.hostname} port=${target.port} user=${target.username}`,
    "[pgbouncer]",
    ...["listen_addr = 127.0.0.1", `listen_port = ${url.port}`, "unix_socket_dir =", "auth_type = any"],
    ...["pool_mode = transaction", "default_pool_size = 2", "max_client_conn = 200"],
  ];
  writeFileSync(join(folder, "pgbouncer.ini"), settings.join("\n"));
  // It refuses to run as root.
  if (who !== undefined) chownSync(folder, who.uid, who.gid);
  const server = spawn("pgbouncer", [join(folder, "pgbouncer.ini")], { stdio: "ignore", ...who });
  await answers(url.href);
  return {
    url: url.href,
    end: async () => {
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}
