import type { Output } from "../command-line/output.ts";

/** A bar on standard error that shows how far a long run is. */
export interface ProgressBar {
  /** Writes words above it. */
  say(text: string): void;
  /** Removes it. */
  end(): void;
}

const REDRAW_MS = 100;
const WIDTH = 30;

/**
 * Draws a bar until it is ended. Nothing is drawn where standard error is no terminal.
 *
 * @clack/prompts has one too, but it takes Ctrl+C as its own and ends the process with success.
 */
export function progressBar({ say }: Output, total: number, done: () => number): ProgressBar {
  const { stderr } = process;
  if (!stderr.isTTY) return { say, end: () => {} };
  const startedAt = Date.now();
  const draw = () => {
    const filled = Math.floor((done() / total) * WIDTH);
    const bar = "█".repeat(filled) + "░".repeat(WIDTH - filled);
    const rate = Math.round((done() * 1_000) / Math.max(1, Date.now() - startedAt));
    stderr.write(`\r\u001b[K${bar} ${count(done())} of ${count(total)}, ${count(rate)} a second`);
  };
  const timer = setInterval(draw, REDRAW_MS).unref();
  draw();
  const clear = () => stderr.write("\r\u001b[K");
  return {
    say(text) {
      clear();
      say(text);
      draw();
    },
    end() {
      clearInterval(timer);
      clear();
    },
  };
}

/** A number with thousands separators. */
export const count = (value: number): string => value.toLocaleString("en");
