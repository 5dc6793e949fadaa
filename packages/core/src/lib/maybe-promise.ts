/** What may be there already: to wait for it all the same would cost more than the work itself. */
export type MaybePromise<T> = T | Promise<T>;

/** Goes on with a value as soon as it is there, which may be at once. */
export function chain<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromiseLike(value) ? value.then(next) : next(value);
}

/**
 * Whether it has to be waited for.
 *
 * Not by its class: apps replace the global `Promise` (zone.js, bluebird), which those of `async` functions are then no instance of, and
 * clients bring promises of their own, which in Workers' RPC are functions. A promise taken for a value is a forgery taken for genuine.
 */
export function isPromiseLike<T>(value: T | PromiseLike<T>): value is Promise<T> {
  return typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === "function";
}
