import type { ClaimedEvent, Settlement } from "../ports/claims.ts";
import type { InboxStore } from "../ports/store.ts";

/** Settles a claimed event that was not handled: due at once, and the claim does not count as an attempt. */
export const RELEASED: Settlement = { state: "retry", delayMs: 0, note: null, counts: false, history: null };

/** Gives back claimed events that this process will not handle. An event that cannot be given back is due when its lease ends. */
export async function releaseClaims(
  store: Pick<InboxStore, "settle">,
  token: string,
  claimed: readonly ClaimedEvent[],
): Promise<void> {
  const ours = claimed.filter(({ state }) => state === "processing");
  await Promise.allSettled(ours.map(async ({ key }) => store.settle({ key, token }, RELEASED)));
}
