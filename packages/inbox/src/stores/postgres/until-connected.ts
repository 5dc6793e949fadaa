import { isConnectionError } from "./clients/connection-error.ts";

/**
 * The pauses before each further attempt, in milliseconds. A pool may hold several connections that broke together: in each pause the client
 * notices more of them, and a later attempt gets a fresh one.
 */
const PAUSES_MS = [0, 10, 40, 160];

/** Tries again while the connection was gone, and fails at once with any other error. */
export async function untilConnected<T>(attempt: (isAgain: boolean) => Promise<T>): Promise<T> {
  for (const [at, pauseMs] of PAUSES_MS.entries()) {
    try {
      return await attempt(at > 0);
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return attempt(true);
}
