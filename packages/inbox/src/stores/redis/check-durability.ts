import { WebhookError } from "@popp-webhooks/core";
import type { Durability } from "../../ports/store.ts";
import type { Send } from "./connection.ts";
import { hashOf, textOf } from "./reply.ts";

/** The settings that decide the durability of a server; undefined where it does not tell. */
interface Settings {
  readonly appendonly: string | undefined;
  readonly appendfsync: string | undefined;
  /** Whether it skips `fsync` while it rewrites its log, whatever `appendfsync` says. */
  readonly pausesFsync: string | undefined;
  readonly eviction: string | undefined;
}

/**
 * Determines what survives a crash of the server, and refuses a server whose settings allow the loss of acknowledged writes.
 *
 * @param allowDataLoss - accepts such a server
 */
export async function checkDurability(send: Send, allowDataLoss: boolean): Promise<Durability> {
  const settings = await settingsOf(send);
  const problem = problemOf(settings);
  if (problem !== undefined && !allowDataLoss)
    throw new WebhookError(
      "STORE_UNAVAILABLE",
      `Redis ${problem} To accept it as it is, use \`redisStore(client, { allowDataLoss: true })\`.`,
    );
  if (settings.appendonly !== "yes") return "none";
  return settings.appendfsync === "always" && settings.pausesFsync === "no" ? "power-loss" : "process";
}

function problemOf({ appendonly, appendfsync, eviction }: Settings): string | undefined {
  if (appendonly === undefined)
    return "does not tell whether it has an append-only file: neither CONFIG GET nor INFO is permitted.";
  if (appendonly !== "yes")
    return "has no append-only file, and would lose acknowledged events when its process ends. Set `appendonly yes`, and `appendfsync always` to lose none in a power cut.";
  if (appendfsync === "no")
    return "lets the operating system decide when to write to the disk. Set `appendfsync everysec` or `always`.";
  if (eviction === undefined)
    return "does not tell whether it evicts keys when its memory is full: neither CONFIG GET nor INFO is permitted for `maxmemory-policy`.";
  if (eviction !== "noeviction")
    return `evicts keys when its memory is full. Set \`maxmemory-policy noeviction\` (it is ${eviction}).`;
  return undefined;
}

/** Managed servers often forbid CONFIG or hide some settings. INFO tells less, but enough. */
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

/** Resolves with null when the server does not know or permit the command. Any other error says nothing about its settings. */
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
