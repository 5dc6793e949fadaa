/** What may be there already: to wait for it all the same would cost more than the work itself. */
export type Eventually<T> = T | Promise<T>;

/** Goes on with a value as soon as it is there, which may be at once. */
export function whenThere<T, U>(value: Eventually<T>, next: (value: T) => Eventually<U>): Eventually<U> {
  return isEventual(value) ? value.then(next) : next(value);
}

/**
 * Whether it has to be waited for.
 *
 * Not by its class: apps replace the global `Promise` (zone.js, bluebird), which those of `async` functions are then no instance of, and
 * clients bring promises of their own, which in Workers' RPC are functions. A promise taken for a value is a forgery taken for genuine.
 */
export function isEventual<T>(value: T | PromiseLike<T>): value is Promise<T> {
  return typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === "function";
}
