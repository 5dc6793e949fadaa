import { isWebhookError } from "@popp-webhooks/core";
import type { InboxConfig } from "../inbox-config.ts";

/** The health of an inbox, for a readiness probe. */
export interface InboxHealth {
  /** Whether deliveries can be accepted: the inbox is open, and its store answers and keeps what it accepts. */
  readonly isReady: boolean;
  /** What is wrong, in one sentence; null when nothing is. It holds no personal data. */
  readonly problem: string | null;
  /** How long the longest due event has been due, in milliseconds; null when the store does not answer. */
  readonly oldestDueMs: number | null;
  /** How many events are dead; null when the store does not answer. */
  readonly dead: number | null;
}

/** Asks the store. Never rejects. */
export async function healthOf({ store, source }: InboxConfig, isClosing: boolean): Promise<InboxHealth> {
  if (isClosing) return { isReady: false, problem: "The inbox is shutting down.", oldestDueMs: null, dead: null };
  try {
    const { oldestDueMs, counts } = await store.stats(source);
    const problem = store.problem ?? null;
    return { isReady: problem === null, problem, oldestDueMs, dead: counts.dead };
  } catch (error) {
    const problem = isWebhookError(error) ? error.message : "The store failed.";
    return { isReady: false, problem, oldestDueMs: null, dead: null };
  }
}
