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
}
const POLICIES = new Map([['api', API]])

describe('why a request was denied, in a sentence', () => {
  it.each<[Partial<Denial>, string]>([
    [{}, 'api/burst (5/10s) was used up. Passes again at 12:00:07, after 7 s.'],
    [
      { cost: 3, retryAfterMs: 200 },
      'api/burst (5/10s) had less than the 3 units asked for. Passed again after 200 ms.',
    ],
    [{ reason: 'blocked' }, 'The key is blocked or banned in api. Passes again at 12:00:07, after 7 s.'],
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
      'The store did not answer, and api lets nobody pass then (closed). Passes again at 12:00:01, after 1 s.',
    ],
    [
      { retryAfterMs: 86_400_000 },
      'api/burst (5/10s) was used up. Passes again at 2026-05-07 12:00:00, after 1 d.',
    ],
    [{ policy: 'gone', rule: '1m' }, 'gone/1m was used up. Passes again at 12:00:07, after 7 s.'],
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
  it.each([
    ['burst', '5/10s'],
    ['1m', '100/min'],
    ['1h', '3/60 minutes'],
    ['1d', '1000/24h'],
    ['2h', null],
    ['none', null],
  ])('of %s is %s', (name, limit) => {
    const rules = [...API.rules, { limit: { limit: 3, window: '60 minutes' } }, { limit: '1000/24h' }]
    expect(limitText({ name: 'api', rules }, name)).toBe(limit)
    expect(limitText(undefined, name)).toBeNull()
  })
})
