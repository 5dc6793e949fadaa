import { WebhookError } from "@popp-webhooks/core";
import { notMigrated, tooNew, VERSION } from "../versions.ts";
import type { Send } from "./connection.ts";
import { beginMoveScript, moveScript } from "./move-scripts.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import type { RunScript } from "./run-script.ts";

/** How many events one call moves: other clients wait meanwhile. */
const MOVE_STEP = 200;

/**
 * Brings the keys up to date. The key of the version holds it, or it and the oldest version that can use the keys: "3 2".
 *
 * @throws WebhookError `STORE_UNAVAILABLE` when the keys are too new, or too old and must not be changed; they are left untouched
 */
export async function openKeys(
  send: Send,
  run: RunScript,
  { prefix, migrate }: { readonly prefix: string; readonly migrate: boolean },
): Promise<void> {
  const key = `${prefix}:schema`;
  const [version = 0, readableBy = version] = (textOf(await send(["GET", key])) ?? "0").split(" ").map(Number);
  if (readableBy > VERSION) throw new WebhookError("STORE_UNAVAILABLE", tooNew(version));
  if (version >= VERSION) return;
  if (!migrate) throw new WebhookError("STORE_UNAVAILABLE", notMigrated(version));
  if (version === 0) {
    // Another process may have been first.
    await send(["SET", key, String(VERSION), "NX"]);
    return openKeys(send, run, { prefix, migrate });
  }
  await moveAll(send, run, prefix);
  await send(["SET", key, String(VERSION)]);
}

/** Moves all events of version 1, some at a time. It goes on where an earlier attempt ended. */
async function moveAll(send: Send, run: RunScript, prefix: string): Promise<void> {
  await run(beginMoveScript, []);
  for (const source of await sourcesOf(send, prefix)) {
    let moved: number;
    do moved = numberOf(await run(moveScript, [source, String(MOVE_STEP)])) ?? 0;
    while (moved > 0);
  }
}

/** The sources of version 1, from the names of its sets. */
async function sourcesOf(send: Send, prefix: string): Promise<readonly string[]> {
  const [head, tail] = [`${prefix}:of:`, ":all"];
  const sources = new Set<string>();
  let cursor = "0";
  do {
    const [next, keys] = listOf(await send(["SCAN", cursor, "MATCH", `${escaped(head)}*${tail}`, "COUNT", "1000"]));
    for (const key of listOf(keys)) sources.add((textOf(key) ?? "").slice(head.length, -tail.length));
    cursor = textOf(next) ?? "0";
  } while (cursor !== "0");
  return [...sources];
}

/** A prefix may hold what a pattern would read as a wildcard. */
function escaped(text: string): string {
  return text.replace(/[\\*?[\]]/g, "\\$&");
}
