import { badRequest } from '../describe-failure.ts'
import type { RateLimitDescriptor, RateLimitRequest } from './messages.ts'
import { windowMsOf } from './units.ts'

/** Most descriptors of one request: all of them are one decision of the store. */
const DESCRIPTORS_MAX = 100

const WINDOW_MAX_MS = 100 * 31_536_000_000

/** Refuses a request that asks nothing, or for what no limit can be. */
export function checkRequest({ domain, descriptors, hitsAddend }: RateLimitRequest): void {
  if (domain === '') throw badRequest('the domain is empty; name the one that the limits are of', 'domain')
  if (descriptors.length === 0) throw badRequest('there are no descriptors; send at least one', 'descriptors')
  if (descriptors.length > DESCRIPTORS_MAX) {
    const message = `there are ${descriptors.length} descriptors; send at most ${DESCRIPTORS_MAX}`
    throw badRequest(message, 'descriptors')
  }
  checkHits(hitsAddend, 'hitsAddend')
  for (const [i, descriptor] of descriptors.entries()) checkDescriptor(descriptor, `descriptors[${i}]`)
}

function checkDescriptor({ entries, limit, hitsAddend }: RateLimitDescriptor, path: string): void {
  if (entries.length === 0) throw badRequest('a descriptor needs at least one entry', `${path}.entries`)
  const empty = entries.findIndex(({ key }) => key === '')
  if (empty >= 0) throw badRequest('the key of an entry is empty', `${path}.entries[${empty}].key`)
  checkHits(hitsAddend, `${path}.hitsAddend`)
  if (limit === undefined) return
  const { unitMultiplier = 1 } = limit
  const isWindow = unitMultiplier >= 1 && windowMsOf(limit) <= WINDOW_MAX_MS
  if (isWindow) return
  const message = `${unitMultiplier} of ${limit.unit} is no window; it has at least one unit, and at most 100 years`
  throw badRequest(message, `${path}.limit.unitMultiplier`)
}

function checkHits(hits: number | undefined, path: string): void {
  if (hits === undefined || (Number.isSafeInteger(hits) && hits >= 0)) return
  throw badRequest('hits are whole numbers from 0 to 2^53 - 1', path, 'invalid-cost')
}
