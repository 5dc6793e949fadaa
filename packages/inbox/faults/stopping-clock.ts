import { type Clock, systemClock } from "../src/lib/clock.ts";

/** The interval between two readings of the clock, and the most that it advances between them, in milliseconds. */
const [BEAT_MS, MOST_MS] = [20, 100];

/** A clock that stops while its process is frozen, as in a paused virtual machine: the process cannot notice the pause. */
export function stoppingClock(): Clock {
  let [nowMs, lookedAtMs] = [0, performance.now()];
  const look = () => {
    const atMs = performance.now();
    nowMs += Math.min(atMs - lookedAtMs, MOST_MS);
    lookedAtMs = atMs;
    return nowMs;
  };
  setInterval(look, BEAT_MS).unref();
  return { ...systemClock, now: look };
}
