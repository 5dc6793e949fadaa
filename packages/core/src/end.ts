import type { AnyEvent } from "./event.ts";
import type { Outcome } from "./outcome.ts";
import type { Refusal } from "./refusal.ts";

/** How a delivery ended, and the event it carried, as far as that became known. */
export interface End {
  readonly result: Outcome | Refusal;
  readonly event?: AnyEvent | undefined;
}
