import type { HeadgateError } from 'headgate'
import { atField, describeFailure } from '../../service/describe-failure.ts'

const FIELD_OF_CODE: Readonly<Record<string, string>> = {
  'invalid-cost': 'cost',
  'invalid-key': 'attributes',
  'unknown-policy': 'policy',
}

/** Throws an error again, about the field as the wire calls it. */
export function rethrowAtField(reason: unknown): never {
  throw atWireField(reason)
}

/** An error about the field as the wire calls it: the library does not know what those are called. */
export function atWireField(reason: unknown): HeadgateError {
  const { error } = describeFailure(reason)
  // As in `requests[2]` or `options.rule.burst`, where the library has objects of its own.
  const [, request = '', named = ''] =
    /^(requests\[\d+\])?\.?(?:options\.)?(?:rule\.)?(.*)$/.exec(error.path) ?? []
  const path = [request, FIELD_OF_CODE[error.code] ?? named].filter((step) => step !== '').join('.')
  return path === error.path ? error : atField(error, path)
}
