import type { Outcome } from "../deliver/outcome.ts";
import type { Refusal } from "../errors/refusal.ts";
import type { AnyEvent } from "../events/event.ts";

/** How a delivery ended, and the event it carried, as far as that became known. */
export interface End {
  readonly result: Outcome | Refusal;
  readonly event?: AnyEvent | undefined;
}
