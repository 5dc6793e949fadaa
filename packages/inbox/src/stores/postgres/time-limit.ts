import { WebhookError } from "@popp-webhooks/core";

/** A time limit that several waits share. */
export interface TimeLimit {
  /** Rejects when the limit is reached. */
  readonly expired: Promise<never>;
  /** Throws when the limit is reached. */
  readonly throwIfExpired: () => void;
  /** Removes the limit. */
  readonly lift: () => void;
}

/** Starts a time limit. */
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
  // A rejection that no one waits for must not end the process.
  expired.catch(() => {});
  return {
    expired,
    throwIfExpired: () => {
      if (isOver) throw error;
    },
    lift,
  };
}
