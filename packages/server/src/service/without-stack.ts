/**
 * What `make` makes, an error without its stack trace: of a caller's mistake nobody needs one, and making it costs more than to
 * answer a request that is right.
 */
export function withoutStack<E extends Error>(make: () => E): E {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return make()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
