import type { Calls } from "./calls.ts";
import { foldOperation } from "./sql/prune.ts";

/** After how many calls the tally is summed up. Each of them adds two rows at most. */
const FOLD_AFTER = 5_000;

/** Sums the tally up now and then, so that counting stays fast. */
export interface Tally {
  /** Passes the result of a call on that has added to the tally. */
  readonly counted: <T>(call: Promise<T>) => Promise<T>;
  /** Resolves when nothing is being summed up. */
  readonly idle: () => Promise<void>;
}

/** Creates the tally of a store. */
export function tallyOf({ run }: Calls): Tally {
  let calls = 0;
  let folding: Promise<void> | undefined;

  return {
    counted: (call) => {
      if (++calls >= FOLD_AFTER && folding === undefined) {
        calls = 0;
        const end = () => {
          folding = undefined;
        };
        // When it fails, the next time or `prune` does it.
        folding = run(foldOperation()).then(end, end);
      }
      return call;
    },
    idle: async () => folding,
  };
}
