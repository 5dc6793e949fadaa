import { withTimeout } from "@popp-webhooks/core/internal";

/** Waits for a server, and fails as a connection does that times out. */
export function answered<T>(work: Promise<T>, ms: number): Promise<T> {
  return withTimeout(work, ms, () => {
    throw Object.assign(new Error("The server did not answer."), { code: "ETIMEDOUT" });
  });
}
