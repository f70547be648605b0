import { atField, describeFailure } from '../../service/describe-failure.ts'

const FIELD_OF_CODE: Readonly<Record<string, string>> = {
  'invalid-cost': 'cost',
  'invalid-key': 'attributes',
  'unknown-policy': 'policy',
}

/** Throws an error again, about the field of the body: the library does not know what those are called. */
export function rethrowAtField(reason: unknown): never {
  const { error } = describeFailure(reason)
  // As in `options.rule.burst`, where the library has an object of its own.
  const named = /^options\.(?:rule\.)?(.+)$/.exec(error.path)?.[1]
  const path = FIELD_OF_CODE[error.code] ?? named
  throw path === undefined ? error : atField(error, path)
}
