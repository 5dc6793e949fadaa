import { WebhookError } from "@popp-webhooks/core";
import type { Command, Connection } from "./connection.ts";

/**
 * Sends a command once the client is connected.
 *
 * @param repeat - what to send when the connection broke, and the server may have done the command without an answer; absent when it must not be done twice
 */
export type Send = (command: Command, repeat?: () => Command) => Promise<unknown>;

/** Sends a command that only reads. */
export function sendReading(send: Send, command: Command): Promise<unknown> {
  return send(command, () => command);
}

/** How long a call waits for the client to be connected, in milliseconds: less than the inbox waits for the store. */
const WAIT_MS = 1_500;

/** How often a waiting call looks at the client, in milliseconds. */
const LOOK_MS = 10;

/** What the clients say when they have not sent a command. */
const UNSENT = /^(Stream isn't writeable|The client is (closed|offline))/;

/** What they say when the connection broke: a server restarted or moved, or something between closed an idle connection. */
const BROKEN =
  /^(Connection is closed|Socket closed unexpectedly|Disconnects client|Reached the max retries|Command aborted)/;
const BROKEN_CODES: ReadonlySet<unknown> = new Set(["ECONNRESET", "ECONNABORTED", "ECONNREFUSED", "EPIPE", "ENOTCONN"]);

/**
 * Waits for a client that is connecting, and sends once more what a broken connection has failed.
 *
 * After a wait in vain, calls fail at once until the client is connected: while a server is down, they would only pile up.
 */
export function reliableSend({ send, obstacle }: Connection): Send {
  let waiting: Promise<void> | undefined;
  let isGivenUp = false;

  function ready(): Promise<void> {
    waiting ??= wait().finally(() => {
      waiting = undefined;
    });
    return waiting;
  }

  async function wait(): Promise<void> {
    const giveUpAtMs = performance.now() + WAIT_MS;
    for (let problem = obstacle(); problem !== undefined; problem = obstacle()) {
      isGivenUp ||= performance.now() >= giveUpAtMs;
      if (isGivenUp) throw new WebhookError("STORE_UNAVAILABLE", problem);
      await pause();
    }
    isGivenUp = false;
  }

  const sendOrRepeat: Send = (command, repeat) =>
    send(command).catch(async (error: unknown) => {
      const again = isUnsent(error) ? command : isBroken(error) ? repeat?.() : undefined;
      if (again === undefined) throw error;
      // A client may not have noticed yet that its connection broke.
      await pause();
      await ready();
      return send(again);
    });

  return (command, repeat) => {
    if (obstacle() !== undefined) return ready().then(() => sendOrRepeat(command, repeat));
    isGivenUp = false;
    return sendOrRepeat(command, repeat);
  };
}

function isUnsent(error: unknown): boolean {
  return error instanceof Error && UNSENT.test(error.message);
}

function isBroken(error: unknown): boolean {
  return error instanceof Error && (BROKEN.test(error.message) || BROKEN_CODES.has(Object(error).code));
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
