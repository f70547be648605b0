import { atField, describeFailure } from '../../service/describe-failure.ts'

const FIELD_OF_CODE: Readonly<Record<string, string>> = {
  'invalid-cost': 'cost',
  'invalid-key': 'attributes',
  'unknown-policy': 'policy',
}

/** Throws an error again, about the field of the body: the library does not know what those are called. */
export function rethrowAtField(reason: unknown): never {
  const { error } = describeFailure(reason)
  // As in `requests[2]` or `options.rule.burst`, where the library has objects of its own.
  const [, request = '', named = ''] =
    /^(requests\[\d+\])?\.?(?:options\.)?(?:rule\.)?(.*)$/.exec(error.path) ?? []
  const path = [request, FIELD_OF_CODE[error.code] ?? named].filter((step) => step !== '').join('.')
  throw path === error.path ? error : atField(error, path)
}
