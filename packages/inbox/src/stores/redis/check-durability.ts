import type { Durability } from "../../ports/store.ts";
import type { Command } from "./connection.ts";
import { hashOf, textOf } from "./reply.ts";
import { type Send, sendReading } from "./send.ts";

/** The settings that decide the durability of a server; undefined where it does not tell. */
interface Settings {
  readonly appendonly: string | undefined;
  readonly appendfsync: string | undefined;
  /** Whether it skips `fsync` while it rewrites its log, whatever `appendfsync` says. */
  readonly pausesFsync: string | undefined;
  readonly eviction: string | undefined;
}

/** What the settings of a server mean for what it accepts. */
interface Checked {
  /** What survives a crash of the server. */
  readonly durability: Durability;
  /** Why acknowledged events can get lost, and what to set: the rest of a sentence about the server. */
  readonly problem: string | undefined;
}

/** Reads the settings of the server, again and again. */
export class SettingsCheck {
  readonly #send: Send;
  /** The commands that the server forbids. It may log each attempt, so it is not asked again on the same connection. */
  readonly #forbidden = new Set<string>();
  #connections = 0;

  constructor(send: Send) {
    this.#send = send;
  }

  /** @param connections - how often the client has connected: another server may permit more */
  async read(connections: number): Promise<Checked> {
    if (connections !== this.#connections) this.#forbidden.clear();
    this.#connections = connections;
    const settings = await this.#settings();
    const { appendonly, appendfsync, pausesFsync } = settings;
    const isAlways = appendfsync === "always" && pausesFsync === "no";
    return {
      durability: appendonly !== "yes" ? "none" : isAlways ? "power-loss" : "process",
      problem: problemOf(settings),
    };
  }

  /** Managed servers often forbid CONFIG or hide some settings. INFO tells less, but enough. */
  async #settings(): Promise<Settings> {
    const names = ["appendonly", "appendfsync", "no-appendfsync-on-rewrite", "maxmemory-policy"];
    const [appendonly, appendfsync, pausesFsync, eviction] = await Promise.all(names.map((name) => this.#config(name)));
    return {
      appendonly: appendonly ?? (await this.#enabled()),
      appendfsync,
      pausesFsync,
      eviction: eviction ?? (await this.#info("memory")).get("maxmemory_policy"),
    };
  }

  async #config(name: string): Promise<string | undefined> {
    return textOf(hashOf(await this.#permitted(["CONFIG", "GET", name])).get(name)) ?? undefined;
  }

  async #info(section: string): Promise<ReadonlyMap<string, string>> {
    return linesOf(textOf(await this.#permitted(["INFO", section])) ?? "");
  }

  async #enabled(): Promise<string | undefined> {
    const flag = (await this.#info("persistence")).get("aof_enabled");
    return flag && (flag === "1" ? "yes" : "no");
  }

  /** Resolves with null when the server does not know or permit the command. Any other error says nothing about its settings. */
  async #permitted(command: Command): Promise<unknown> {
    if (this.#forbidden.has(command[0])) return null;
    try {
      return await sendReading(this.#send, command);
    } catch (error) {
      if (!(error instanceof Error && /^(ERR|NOPERM) /.test(error.message))) throw error;
      this.#forbidden.add(command[0]);
      return null;
    }
  }
}

/** No key of the store expires, so that a policy for volatile keys never evicts one. */
const KEEPS = /^(noeviction|volatile-.*)$/;

function problemOf({ appendonly, appendfsync, eviction }: Settings): string | undefined {
  if (appendonly === undefined)
    return "does not tell whether it has an append-only file: neither CONFIG GET nor INFO is permitted.";
  if (appendonly !== "yes")
    return "has no append-only file, and would lose acknowledged events when its process ends. Set `appendonly yes`, and `appendfsync always` to lose none in a power cut.";
  if (appendfsync === "no")
    return "lets the operating system decide when to write to the disk. Set `appendfsync everysec` or `always`.";
  if (eviction === undefined)
    return "does not tell whether it evicts keys when its memory is full: neither CONFIG GET nor INFO is permitted for `maxmemory-policy`.";
  if (!KEEPS.test(eviction))
    return `evicts keys when its memory is full. Set \`maxmemory-policy noeviction\` (it is ${eviction}).`;
  return undefined;
}

function linesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("\r\n").map((line) => {
      const [name = "", value = ""] = line.split(":");
      return [name, value];
    }),
  );
}
