import { WebhookError } from "@popp-webhooks/core";
import type { Send } from "./connection.ts";
import { numberOf } from "./reply.ts";

/** The version of the keys that this code reads and writes. */
const VERSION = 1;

/** Stores the version of the keys, and refuses keys of a newer version, which are left untouched. */
export async function assertVersion(send: Send, prefix: string): Promise<void> {
  const key = `${prefix}:schema`;
  await send(["SET", key, String(VERSION), "NX"]);
  const version = numberOf(await send(["GET", key])) ?? VERSION;
  if (version <= VERSION) return;
  throw new WebhookError(
    "STORE_UNAVAILABLE",
    `The store's schema has version ${version}, but this version of @popp-webhooks/inbox knows only ${VERSION}. Upgrade the package.`,
  );
}
