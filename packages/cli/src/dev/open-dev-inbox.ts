import { createInbox, type DurableInbox, type InboxStore } from "@popp-webhooks/inbox";
import { memoryStore } from "@popp-webhooks/inbox/memory";
import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
import { CliError } from "../command-line/cli-error.ts";
import { hideSqliteWarning } from "../command-line/hide-sqlite-warning.ts";

/** Opens the inbox of `dev`. Nothing handles its events: they are kept to be looked at. */
export async function openDevInbox(file: string, say: (text: string) => void): Promise<DurableInbox> {
  const inbox = createInbox({ store: await storeOf(file, say), on: {} });
  await inbox.stats().catch((error: Error) => {
    throw storeUnusable(file, error);
  });
  return inbox;
}

async function storeOf(file: string, say: (text: string) => void): Promise<InboxStore> {
  hideSqliteWarning();
  try {
    await import("node:sqlite");
  } catch {
    say(
      `warning: Node ${process.versions.node} has no SQLite. Events are kept in memory until dev ends. Node 22.13 and newer has it.`,
    );
    return memoryStore();
  }
  return sqliteStore(file) as InboxStore;
}

function storeUnusable(file: string, cause: Error): CliError {
  let deepest = cause;
  while (deepest.cause instanceof Error) deepest = deepest.cause;
  const sentence = `${file} cannot be used (${deepest.message}). Move the file away to begin a new one.`;
  return new CliError("store", "STORE_UNUSABLE", sentence, { cause });
}
