import type { CustomAlgorithm } from '../algorithm.ts'
import { wrong } from '../errors.ts'

/** Custom algorithms by name; throws for values that `defineAlgorithm` did not make. */
export function registered(
  given: readonly CustomAlgorithm[] = [],
  path: string,
): Map<string, CustomAlgorithm> {
  if (!Array.isArray(given)) throw wrong(given, 'is not a list of algorithms', path)
  for (const one of given) {
    if (one?.custom === true) continue
    const fix = 'pass what defineAlgorithm of headgate/custom returns'
    throw wrong(one, `is not an algorithm; ${fix}`, path)
  }
  return new Map(given.map((one) => [one.kind, one]))
}
