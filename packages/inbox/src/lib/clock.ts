/** What an inbox knows of time and chance; a test brings its own. It decides no lease: that is the store's clock. */
export interface Clock {
  /** A time that only grows, in milliseconds from any start. */
  readonly now: () => number;
  /** Calls back once, later; the function it returns calls it off. */
  readonly after: (delayMs: number, callback: () => void) => () => void;
  /** A random number from 0 to 1, 1 excluded. */
  readonly random: () => number;
}

/** The longest delay that timers take; a longer one would fire at once. */
export const MAX_TIMER_MS: number = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
  random: Math.random,
};
