import { WebhookError } from "@popp-webhooks/core";
import { notMigrated, tooNew, VERSION } from "../versions.ts";
import { listOf, numberOf, textOf } from "./reply.ts";
import type { RunScript } from "./run-script.ts";
import { closeScript, moveScript, openScript } from "./scripts/move.ts";
import { type Send, sendReading } from "./send.ts";

/**
 * Brings the keys up to date. Keys of a later version are used as they are when that version says that this one can: a release adds first, and removes
 * one release later.
 *
 * Events of version 1 are moved in steps. Several processes may do it at once, and one that ends halfway leaves the rest to the next.
 *
 * @throws WebhookError `STORE_UNAVAILABLE` when the keys are too new, or too old and must not be changed; they are left untouched
 */
export async function prepareKeys(
  send: Send,
  run: RunScript,
  { prefix, migrate }: { readonly prefix: string; readonly migrate: boolean },
): Promise<void> {
  const { version, readableBy } = versionOf(textOf(await sendReading(send, ["GET", `${prefix}:schema`])));
  if (readableBy > VERSION) throw new WebhookError("STORE_UNAVAILABLE", tooNew(version));
  if (version >= VERSION) return;
  if (!migrate) throw new WebhookError("STORE_UNAVAILABLE", notMigrated(version));
  if (textOf(await run(openScript, [])) === "moving") await moveFromVersion1(run);
}

async function moveFromVersion1(run: RunScript): Promise<void> {
  let cursor = "0";
  do {
    cursor = textOf(await run(closeScript, [cursor])) ?? "0";
  } while (cursor !== "0");
  let left: number | null;
  do {
    left = numberOf(listOf([await run(moveScript, [])])[0]);
  } while (left !== 0);
}

/** Reads `<version>` or `<version> <oldest version that can use it>`, or `1 moving` while events are moved. */
function versionOf(text: string | null): { readonly version: number; readonly readableBy: number } {
  const [version = 0, readableBy = version] = (text ?? "0").split(" ").map((part) => Number.parseInt(part, 10));
  return { version, readableBy: Number.isNaN(readableBy) ? version : readableBy };
}
