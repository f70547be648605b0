/** Applies `next` to a value, or to what a promise resolves to: synchronous stores never pay for a promise. */
export function whenResolved<T, R>(
  value: T | Promise<T>,
  next: (value: T) => R | Promise<R>,
): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}
