import { WebhookError } from "@popp-webhooks/core";

/** A time limit that several waits share. */
export interface TimeLimit {
  /** Rejects when the limit is reached. */
  readonly expired: Promise<never>;
  /** Throws when the limit is reached. */
  readonly throwIfExpired: () => void;
  /** Starts the time again, unless it is over. */
  readonly restart: () => void;
  /** Removes the limit. */
  readonly lift: () => void;
}

/** Starts a time limit. */
export function timeLimit(limitMs: number, message: string): TimeLimit {
  const error = new WebhookError("STORE_UNAVAILABLE", message);
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let expire = () => {};
  const expired = new Promise<never>((_, reject) => {
    expire = () => {
      isOver = true;
      reject(error);
    };
  });
  // A rejection that no one waits for must not end the process.
  expired.catch(() => {});
  const lift = () => clearTimeout(timer);
  const restart = () => {
    lift();
    timer = setTimeout(expire, limitMs);
  };
  restart();
  return {
    expired,
    throwIfExpired: () => {
      if (isOver) throw error;
    },
    restart,
    lift,
  };
}
