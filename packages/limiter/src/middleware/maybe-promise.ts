/** A value, or what resolves to it: functions of users may be either, and who needs no promise pays for none. */
export type MaybePromise<T> = T | PromiseLike<T>

/** Whether a value has to be awaited: also promises of other libraries, such as the queries of a database client. */
export function isPromiseLike<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | null | undefined)?.then === 'function'
}

/** Applies `next` to a value now, or when it has resolved. */
export function andThen<T, U>(value: MaybePromise<T>, next: (value: T) => MaybePromise<U>): MaybePromise<U> {
  return isPromiseLike(value) ? value.then(next) : next(value)
}
