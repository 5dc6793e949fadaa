import type { ClaimedEvent, InboxStore, Settlement } from "../ports/store.ts";

/** How an event is left that was claimed and not handled: due at once, with no attempt counted. */
export const GIVEN_BACK: Settlement = { state: "retry", delayMs: 0, note: null, counts: false };

/** Gives back what nobody here is going to handle; what cannot be given back comes when its lease ends. */
export async function giveBack(
  store: Pick<InboxStore, "settle">,
  token: string,
  claimed: readonly ClaimedEvent[],
): Promise<void> {
  const ours = claimed.filter(({ state }) => state === "processing");
  await Promise.allSettled(ours.map(async ({ key }) => store.settle({ key, token }, GIVEN_BACK)));
}
