import { describe, expect, it } from 'vitest'
import type { Denial } from '../live/admin-answers.ts'
import { denialText, deniedText, limitText } from './denial-text.ts'

const NOON = new Date(2026, 4, 6, 12, 0, 0).getTime()
const DENIAL: Denial = {
  id: 'a-1',
  at: NOON,
  policy: 'api',
  rule: 'burst',
  reason: 'limited',
  source: 'store',
  verb: 'consume',
  transport: 'http',
  cost: 1,
  retryAfterMs: 7000,
  keys: [
    { policy: 'all', key: '~g' },
    { policy: 'api', key: 'alice' },
  ],
}
const API = {
  name: 'api',
  key: 'user',
  rules: [{ name: 'burst', limit: '5/10s' }, '100/min'],
  worstCase: ['api/burst: at most 5 in any 10 s', 'api/1m: at most 100 in any 54 s'],
}
const POLICIES = new Map([['api', API]])

describe('why a request was denied, in a sentence', () => {
  it.each<[Partial<Denial>, string]>([
    [{}, 'api/burst (5/10s) was used up. Passes again at 12:00:07, 7 s later.'],
    [
      { cost: 3, retryAfterMs: 200 },
      'api/burst (5/10s) had less than the 3 units asked for. Passed again after 200 ms.',
    ],
    [{ reason: 'blocked' }, 'The key is blocked or banned in api. Passes again at 12:00:07, 7 s later.'],
    [
      { reason: 'cost-exceeds-capacity', cost: 9, retryAfterMs: null },
      '9 units is more than api/burst (5/10s) ever holds. No wait helps.',
    ],
    [
      { reason: 'denied-by-policy', policy: null, rule: null, retryAfterMs: null },
      'It is on the deny list. No wait helps.',
    ],
    [
      { reason: 'denied-by-policy', retryAfterMs: null },
      'api/burst (5/10s) denies everything. No wait helps.',
    ],
    [
      { reason: 'store-unavailable', rule: null, source: 'closed', retryAfterMs: 1000 },
      'The store did not answer, and api lets nobody pass then (closed). Passes again at 12:00:01, 1 s later.',
    ],
    [{ policy: 'gone', rule: '1m' }, 'gone/1m was used up. Passes again at 12:00:07, 7 s later.'],
  ])('%j', (changed, text) => {
    expect(denialText({ ...DENIAL, ...changed }, POLICIES)).toBe(text)
  })

  it('names the key of the policy that denied, else of any', () => {
    expect(deniedText(DENIAL, POLICIES)).toBe('alice')
    expect(deniedText({ ...DENIAL, policy: 'other' }, POLICIES)).toBe('everybody')
    expect(deniedText({ ...DENIAL, keys: [] }, POLICIES)).toBe('somebody')
  })
})

describe('what a rule allows', () => {
  it('is its rate, by name, or as the only one without', () => {
    expect(limitText(API, 'burst')).toBe('5/10s')
    expect(limitText(API, '1m')).toBe('100/min')
    expect(limitText({ name: 'p', rules: [{ limit: { limit: 3, window: '1h' } }] }, '1h')).toBe('3/1h')
  })

  it('is its worst case where several have no name, and nothing where that is not known', () => {
    const two = {
      name: 'two',
      rules: ['5/s', '100/min'],
      worstCase: ['two/1s: at most 5', 'two/1m: at most 100'],
    }
    expect(limitText(two, '1m')).toBe('at most 100')
    expect(limitText({ ...two, worstCase: [] }, '1m')).toBeNull()
    expect(limitText(undefined, '1m')).toBeNull()
  })
})
