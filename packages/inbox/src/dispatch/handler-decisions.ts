import { checkOptions } from "@popp-webhooks/core/internal";

/** The longest time by which a handler may put off an event, in milliseconds: seven days. */
export const MAX_PUT_OFF_MS = 604_800_000;

/**
 * Says that an event is to be handled later. It is not a failure.
 *
 * A handler throws it to put its event off: the event is due again after `delayMs`, at most seven days. `inbox.process` throws it to the
 * worker of a queue: the message must come back then, and must not use up the attempts that the queue allows.
 *
 * @example
 * ```ts
 * import { RetryLaterError } from "@popp-webhooks/inbox";
 *
 * export async function handle(response: Response): Promise<void> {
 *   if (response.status === 429) throw new RetryLaterError(60_000);
 * }
 * ```
 */
export class RetryLaterError extends Error {
  /** {@link isRetryLaterError} compares this name, because a process may hold two copies of the class. */
  override readonly name = "RetryLaterError";
  /** How long to wait, in milliseconds from now. */
  readonly delayMs: number;
  /** Whether the attempt counts toward `maxAttempts`. */
  readonly counts: boolean;

  /**
   * @param delayMs - how long to wait, in milliseconds from now
   * @param options - `counts`: whether the attempt counts toward `maxAttempts`. Default: false
   * @throws WebhookError `CONFIG_INVALID` when `delayMs` is not a number from 0 on
   */
  constructor(delayMs: number, { counts = false }: { readonly counts?: boolean } = {}) {
    checkOptions(
      "RetryLaterError",
      { delayMs: delayMs ?? Number.NaN, counts },
      { delayMs: { min: 0 }, counts: "boolean" },
    );
    super(`The event is to be handled later: try again in ${delayMs} ms.`);
    this.delayMs = delayMs;
    this.counts = counts;
  }
}

/**
 * Whether a caught value is a {@link RetryLaterError}. Compares the name, because an ESM and a CommonJS copy of this package may run in one process.
 *
 * @param error - anything that was caught
 */
export function isRetryLaterError(error: unknown): error is RetryLaterError {
  if (nameOf(error) !== "RetryLaterError") return false;
  const { message, delayMs } = error as Partial<RetryLaterError>;
  return typeof message === "string" && typeof delayMs === "number" && delayMs >= 0;
}

/**
 * A handler throws it when another attempt cannot help: the event is dead at once, with the error's message as its note, and can be redriven.
 *
 * The inbox compares the name, so BullMQ's class of the same name has the same effect.
 */
export class UnrecoverableError extends Error {
  /** What the inbox goes by. */
  override readonly name = "UnrecoverableError";
}

export function isUnrecoverable(error: unknown): boolean {
  return nameOf(error) === "UnrecoverableError";
}

/** The name of an error; anything may be thrown, such as an object whose properties throw. */
function nameOf(error: unknown): unknown {
  try {
    return Reflect.get(Object(error), "name");
  } catch {
    return undefined;
  }
}
