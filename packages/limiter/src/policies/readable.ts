import { HeadgateError } from '../core/errors.ts'

/**
 * What `read` returns; undefined where it meets an attribute that is no key, number or address. For what only counts: a request
 * must not be refused on its account.
 */
export function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (reason) {
    if (HeadgateError.is(reason) && reason.code === 'invalid-key') return undefined
    throw reason
  }
}
