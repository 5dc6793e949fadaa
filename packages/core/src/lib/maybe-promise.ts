/** A value or a promise of it. Awaiting a plain value would cost more than verifying a small body. */
export type MaybePromise<T> = T | Promise<T>;

/** Calls `next` with the value: at once, or when the promise resolves. */
export function chain<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromiseLike(value) ? value.then(next) : next(value);
}

/**
 * Whether a value is a promise that must be awaited.
 *
 * Judges by `then` and not by the class. Apps replace the global `Promise` (zone.js, bluebird), and the promises of `async` functions are then no
 * instances of it. Clients have promises of their own: in Workers' RPC they are functions. A promise that counts as a value would let a forgery in.
 */
export function isPromiseLike<T>(value: T | PromiseLike<T>): value is Promise<T> {
  return typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === "function";
}
