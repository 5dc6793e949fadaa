/** What may be there already: to wait for it all the same would cost more than the work itself. */
export type Eventually<T> = T | Promise<T>;

/** Goes on with a value as soon as it is there, which may be at once. */
export function whenThere<T, U>(value: Eventually<T>, next: (value: T) => Eventually<U>): Eventually<U> {
  return value instanceof Promise ? value.then(next) : next(value);
}
