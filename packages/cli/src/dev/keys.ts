/** What the keys do while `dev` runs. */
export interface KeyActions {
  readonly r: () => void;
  readonly o: () => void;
  readonly q: () => void;
}

/** The keys, for people who read the first lines. */
export const KEYS = "r replays the last request, o opens the page, q quits.";

/** Calls an action for each key pressed. Returns a function that gives the terminal back. */
export function listenToKeys(actions: KeyActions, onInterrupt: () => void): () => void {
  const { stdin } = process;
  const pressed = (bytes: Buffer) => {
    for (const key of bytes.toString("utf8")) {
      // In this mode Ctrl+C arrives as a key.
      if (key === "\u0003") onInterrupt();
      else if (key === "d") actions.o();
      else if (key === "r" || key === "o" || key === "q") actions[key]();
    }
  };
  stdin.setRawMode(true);
  stdin.on("data", pressed).resume();
  return () => {
    stdin.off("data", pressed).pause();
    stdin.setRawMode(false);
  };
}
