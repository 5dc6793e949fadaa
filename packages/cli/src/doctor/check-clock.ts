import { CliError } from "../command-line/cli-error.ts";
import { answered } from "../stores/answered.ts";
import { inspectorHeaders, withoutLogin } from "../stores/inspector-headers.ts";
import type { StoreAddress } from "../stores/store-address.ts";
import type { StoreOptions } from "../stores/store-options.ts";
import { type Finding, findingsOf } from "./finding.ts";

const finding = findingsOf("clock");

const MOST_MS = 60_000;
const ANSWER_MS = 10_000;

/** Compares this machine's clock with the one of the store's server. */
export async function checkClock(
  address: StoreAddress,
  options: StoreOptions,
  say: (text: string) => void,
): Promise<Finding> {
  if (address.kind === "sqlite")
    return finding("not checked", "The clock could not be checked: a SQLite file has no server to compare it with.");
  try {
    const { atMs, serverMs } = await answered(timesOf(address, options, say), ANSWER_MS);
    const differenceMs = Math.round(atMs - serverMs);
    const seconds = Math.abs(Math.round(differenceMs / 1_000));
    if (Math.abs(differenceMs) <= MOST_MS)
      return finding("ok", "It agrees with the store's server to within a minute.");
    return finding(
      "problem",
      `This machine's clock is ${seconds} seconds ${differenceMs > 0 ? "ahead of" : "behind"} the store's server.`,
      "Turn on time synchronization (NTP) on both machines. Leases go by the store's clock; `maxAgeSeconds` goes by this one.",
    );
  } catch {
    return finding("not checked", "The clock could not be checked: the store's server did not tell its time.");
  }
}

/** The time of the server, and of this machine in the middle of the question. */
async function timesOf(
  { kind, url }: Exclude<StoreAddress, { readonly kind: "sqlite" }>,
  options: StoreOptions,
  say: (text: string) => void,
): Promise<{ readonly atMs: number; readonly serverMs: number }> {
  const between = async (ask: () => Promise<number>) => {
    const before = Date.now();
    const serverMs = await ask();
    if (Number.isNaN(serverMs)) throw new CliError("store", "NO_TIME", "The server did not tell its time.");
    return { atMs: (before + Date.now()) / 2, serverMs };
  };
  if (kind === "postgres") {
    const { connectPostgres } = await import("../stores/connect-postgres.ts");
    const { rows, close } = await connectPostgres(url);
    const sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS TEXT) AS at";
    return between(async () => Number((await rows(sql))[0]?.at)).finally(close);
  }
  if (kind === "redis") {
    const { connectRedis } = await import("../stores/connect-redis.ts");
    const { send, close } = await connectRedis(url);
    return between(async () => {
      const [seconds, micros] = (await send("TIME")) as readonly unknown[];
      return Number(seconds) * 1_000 + Number(micros) / 1_000;
    }).finally(close);
  }
  return between(async () => {
    const headers = inspectorHeaders(url, { header: options.header, say: options.header ? () => {} : say });
    const { headers: answered } = await fetch(withoutLogin(url), { headers, redirect: "manual", method: "HEAD" });
    return Date.parse(answered.get("date") ?? "");
  });
}
