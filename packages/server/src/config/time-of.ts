import { HeadgateError, parseDuration } from 'headgate'

/** The milliseconds of a duration such as `5s`; null where it is none. */
export function timeOf(text: string): number | null {
  try {
    return parseDuration(text, '')
  } catch (reason) {
    if (HeadgateError.is(reason)) return null
    throw reason
  }
}
