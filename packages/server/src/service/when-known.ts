/** Applies `next` to a value at once, or to what a promise resolves to: what is known already never waits for a promise. */
export function whenKnown<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}
