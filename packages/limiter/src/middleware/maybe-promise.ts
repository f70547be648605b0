/** A value, or what resolves to it: functions of users may be either, and who needs no promise pays for none. */
export type MaybePromise<T> = T | PromiseLike<T>

/** Whether a value has to be awaited: also promises of other libraries, such as the queries of a database client. */
export function isPromiseLike<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | null | undefined)?.then === 'function'
}

/**
 * A value whose failure is heard even where what is done before it is awaited throws: a rejection that nobody hears ends the
 * process of Node.
 */
export function heard<T>(value: MaybePromise<T>): MaybePromise<T> {
  if (!isPromiseLike(value)) return value
  // One promise for all: some libraries run a query each time that they are asked for its result.
  const promise = Promise.resolve(value)
  promise.catch(() => {})
  return promise
}

/** Applies `next` to a value now, or when it has resolved. */
export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromiseLike(value) ? value.then(next) : next(value)
}
