/** Where answers over Envoy's protocol differ on purpose from those of the real server. */
import type { GoldenAnswer } from './envoy-golden.ts'

const OF_NONE = 'a denied request of addends of 1 counts nothing, of no descriptor'
const GIVEN_BACK = 'negative hits are given back; there they are spent'
const WRONG = 'what asks for nothing is an error of the caller'

/** Where we differ on purpose: what is another in our answer, and why. */
export const DIFFERENCES: readonly (readonly [row: string, why: string, ours: GoldenAnswer])[] = [
  [
    'empty domain #1',
    WRONG,
    { error: ['invalid-request', 'the domain is empty; name the one that the limits are of'] },
  ],
  ['no descriptors #1', WRONG, { error: ['invalid-request', 'there are no descriptors; send at least one'] }],
  ['quota over beside a limit that passes #2', OF_NONE, overLimit([over(1, 4), ok([5, 3], 4)], 1)],
  [
    'two descriptors, one exhausted: what the other has lost #1',
    OF_NONE,
    overLimit([over(3, 3, 'free-plan'), ok([5, 3], 5)], 3),
  ],
  ['two descriptors, one exhausted: what the other has lost #2', OF_NONE, allowed([5, 3], 5)],
  ['the same descriptor twice #3', OF_NONE, overLimit([ok([5, 3], 1), over(5, 3)], 5)],
  ['override with a multiplier of the unit #1', 'ten minutes are ten minutes', allowed([2, 2, 10], 1)],
  ['negative hits #3', GIVEN_BACK, allowed([5, 3], 4)],
  ['negative hits #4', GIVEN_BACK, allowed([5, 3], 3)],
  [
    'override, unit unknown #1',
    'an error of that request; there the process dies',
    { error: ['invalid-request', '0 is not a unit; send SECOND, MINUTE, HOUR, DAY, MONTH, YEAR'] },
  ],
]

type Status = NonNullable<GoldenAnswer['statuses']>[number]

function ok(limit: readonly (number | string)[], remaining: number): Status {
  return { code: 'OK', limit, remaining, reset: true }
}

function over(...limit: readonly (number | string)[]): Status {
  return { code: 'OVER_LIMIT', limit, remaining: 0, reset: true }
}

function allowed(limit: readonly number[], remaining: number): GoldenAnswer {
  const headers = { 'RateLimit-Limit': String(limit[0]), 'RateLimit-Remaining': String(remaining) }
  return { overall: 'OK', statuses: [ok(limit, remaining)], headers }
}

function overLimit(statuses: readonly Status[], limit: number): GoldenAnswer {
  const headers = { 'RateLimit-Limit': String(limit), 'RateLimit-Remaining': '0' }
  return { overall: 'OVER_LIMIT', statuses, headers }
}
