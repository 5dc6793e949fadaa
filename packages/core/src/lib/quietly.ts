/** Calls what is not ours, and goes on whatever it does: the answer, and the work that is under way, must not depend on it. */
export function quietly(call: () => unknown): void {
  try {
    Promise.resolve(call()).catch(() => {});
  } catch {
    // A hook that fails must not turn a delivery that was handled into one that is sent again.
  }
}
