import { constants, existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { CliError } from "../command-line/cli-error.ts";
import { explainStore } from "../stores/explain-store.ts";
import { openInbox, openStore } from "../stores/open-inbox.ts";
import { mayUse } from "../stores/open-sqlite.ts";
import { STORE_NAMES, type StoreAddress, storeAddress } from "../stores/store-address.ts";
import type { StoreOptions } from "../stores/store-options.ts";
import { checkClock } from "./check-clock.ts";
import { type Finding, findingsOf } from "./finding.ts";

const store = findingsOf("store");
const durability = findingsOf("durability");
const clock = findingsOf("clock");

const NO_STORE = "No store was given.";
const GIVE = "Pass --store, or set POPP_STORE.";

/** Looks at the store: whether it can be used, whether it keeps what it accepts, and its clock. */
export async function checkStore(options: StoreOptions, say: (text: string) => void): Promise<readonly Finding[]> {
  try {
    const address = storeAddress(options.store);
    if (address.kind === "sqlite" && address.from === "dev" && !existsSync(address.path))
      return [
        store("not checked", NO_STORE, GIVE),
        durability("not checked", NO_STORE, GIVE),
        clock("not checked", "The clock could not be checked: no server was given to compare it with."),
      ];
    return await Promise.all([
      checkOpening(address, options, say),
      checkDurability(address, options),
      checkClock(address, options, say),
    ]);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [problemOf(store, error)];
  }
}

async function checkOpening(
  address: StoreAddress,
  options: StoreOptions,
  say: (text: string) => void,
): Promise<Finding> {
  if (address.kind === "sqlite") {
    const folder = dirname(resolve(address.path));
    if (!existsSync(folder))
      return store(
        "problem",
        `The folder of ${address.path} is missing: the inbox cannot create its file.`,
        "Create the folder before your app starts, on a disk that stays.",
      );
    if (!mayUse(folder, constants.W_OK))
      return store(
        "problem",
        `The folder of ${address.path} is read-only for this user: SQLite must write in it.`,
        "Give your app's user the right to write, or choose a folder on a disk that can be written to.",
      );
  }
  try {
    const inbox = await openInbox(options.store, { ...options, say });
    const { counts, oldestDueMs, paused } = await inbox.stats();
    await inbox.close();
    const stored = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const text = `The ${STORE_NAMES[address.kind]} has an inbox with ${stored} events, ${counts.dead} of them dead.`;
    if (oldestDueMs < LATE_MS) return store("ok", text);
    return store(
      "warning",
      `${text} An event has been due for ${Math.round(oldestDueMs / 60_000)} minutes.`,
      paused.length > 0
        ? `Paused: ${paused.join(", ")}. \`popp-webhooks inbox resume\` goes on.`
        : "Call `inbox.start()` in a process that lives on, or `inbox.sweep()` from a cron job.",
    );
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return problemOf(store, error);
  }
}

/** After that, nobody seems to handle the events. */
const LATE_MS = 330_000;

/** The store itself refuses a server that loses events: an eviction policy, no append-only file, `synchronous_commit` off. */
async function checkDurability(address: StoreAddress, options: StoreOptions): Promise<Finding> {
  if (address.kind === "inspector")
    return durability("not checked", "An inspector does not tell it.", "Run doctor where the store is.");
  try {
    const opened = await openStore(address, options, { migrate: false, isStrict: true });
    const survives = opened.store.durability;
    await opened.store.close();
    await opened.close();
    if (survives === "power-loss") return durability("ok", "An accepted event survives a power cut.");
    return durability(
      "warning",
      "An accepted event survives a crash of the process. A power cut can lose the last second.",
      "Set `appendfsync always` in Redis to lose none.",
    );
  } catch (error) {
    const told = explainStore(address, error);
    // The settings are looked at first: these are told by the check of the store.
    if (
      told.code !== "STORE_UNAVAILABLE" ||
      !/lose|append-only|evicts|write to the disk|UNLOGGED|does not tell/.test(told.message)
    )
      return durability("not checked", "The store cannot be opened: see its check.");
    return problemOf(durability, told);
  }
}

function problemOf(finding: ReturnType<typeof findingsOf>, { message }: CliError): Finding {
  const [problem = "", ...fix] = message.split(/(?<=\.) /);
  return finding("problem", problem, fix.join(" ") || undefined);
}
