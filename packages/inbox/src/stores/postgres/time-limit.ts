import { WebhookError } from "@popp-webhooks/core";

/** A limit to how long something may take. */
export interface TimeLimit {
  /** Rejects when the time is over. */
  readonly expired: Promise<never>;
  /** Throws when the time is over. */
  readonly throwIfExpired: () => void;
  /** Lifts the limit. */
  readonly lift: () => void;
}

/** Sets a limit, from now on. */
export function timeLimit(limitMs: number, message: string): TimeLimit {
  const error = new WebhookError("STORE_UNAVAILABLE", message);
  let isOver = false;
  let lift = () => {};
  const expired = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => {
      isOver = true;
      reject(error);
    }, limitMs);
    lift = () => clearTimeout(timer);
  });
  // Whoever does not wait for it any more must not end the process by it.
  expired.catch(() => {});
  return {
    expired,
    throwIfExpired: () => {
      if (isOver) throw error;
    },
    lift,
  };
}
