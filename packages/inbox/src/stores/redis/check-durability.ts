import { WebhookError } from "@popp-webhooks/core";
import type { Durability } from "../../ports/store.ts";
import type { Send } from "./connection.ts";
import { hashOf, textOf } from "./reply.ts";

/** What decides about what a server keeps; undefined where it does not say. */
interface Settings {
  readonly appendonly: string | undefined;
  readonly appendfsync: string | undefined;
  /** Whether it writes without `fsync` while it makes its log shorter, whatever `appendfsync` says. */
  readonly pausesFsync: string | undefined;
  readonly eviction: string | undefined;
}

/**
 * Finds out what of an acknowledged write survives, and refuses a server that may lose it as a matter of course.
 *
 * @param allowDataLoss - takes such a server all the same
 */
export async function checkDurability(send: Send, allowDataLoss: boolean): Promise<Durability> {
  const settings = await settingsOf(send);
  const problem = problemOf(settings);
  if (problem !== undefined && !allowDataLoss)
    throw new WebhookError(
      "STORE_UNAVAILABLE",
      `Redis ${problem} (\`redisStore(client, { allowDataLoss: true })\` takes it as it is.)`,
    );
  if (settings.appendonly !== "yes") return "none";
  return settings.appendfsync === "always" && settings.pausesFsync === "no" ? "power-loss" : "process";
}

function problemOf({ appendonly, appendfsync, eviction }: Settings): string | undefined {
  if (appendonly === undefined)
    return "does not say whether it keeps an append-only file: neither CONFIG GET nor INFO may be asked.";
  if (appendonly !== "yes")
    return "keeps no append-only file, and would lose acknowledged events with its process: set `appendonly yes`, and `appendfsync always` to lose none when the power goes.";
  if (appendfsync === "no")
    return "leaves it to the system when to write to the disk: set `appendfsync everysec` or `always`.";
  if (eviction === undefined)
    return "does not say whether it throws events away when its memory is full: neither CONFIG GET nor INFO may be asked for `maxmemory-policy`.";
  if (eviction !== "noeviction")
    return `throws events away when its memory is full: set \`maxmemory-policy noeviction\` (it is ${eviction}).`;
  return undefined;
}

/** Managed servers often forbid CONFIG, or leave things out of it; INFO says less, but enough. */
async function settingsOf(send: Send): Promise<Settings> {
  const config = async (name: string) =>
    textOf(hashOf(await unlessForbidden(send(["CONFIG", "GET", name]))).get(name)) ?? undefined;
  const info = async (section: string) => linesOf(textOf(await unlessForbidden(send(["INFO", section]))) ?? "");
  const enabled = async () => {
    const flag = (await info("persistence")).get("aof_enabled");
    return flag && (flag === "1" ? "yes" : "no");
  };
  return {
    appendonly: (await config("appendonly")) ?? (await enabled()),
    appendfsync: await config("appendfsync"),
    pausesFsync: await config("no-appendfsync-on-rewrite"),
    eviction: (await config("maxmemory-policy")) ?? (await info("memory")).get("maxmemory_policy"),
  };
}

/** Null for what the server knows not or does not permit. Any other error says nothing about its settings. */
function unlessForbidden(reply: Promise<unknown>): Promise<unknown> {
  return reply.catch((error: unknown) => {
    if (error instanceof Error && /^(ERR|NOPERM) /.test(error.message)) return null;
    throw error;
  });
}

function linesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\r\n").map((line) => {
      const [name = "", value = ""] = line.split(":");
      return [name, value];
    }),
  );
}
