/** Runs user or platform code and ignores its errors, so that a failing hook cannot change the response or the work that is running. */
export function quietly(call: () => unknown): void {
  try {
    Promise.resolve(call()).catch(() => {});
  } catch {
    // A failing hook must not make the sender send a handled delivery again.
  }
}
