import { type Clock, systemClock } from "../src/lib/clock.ts";

/** How often the clock is looked at, and the most that it may go on between two looks, in milliseconds. */
const [BEAT_MS, MOST_MS] = [20, 100];

/** A clock that stands still while its process is frozen, as that of a virtual machine that is paused: nobody in it can know how long it was. */
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
