/** What every wire has to answer alike: cases as data. */
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import type { StoreState } from './served.ts'
import type { Answer, Need, Step } from './wire.ts'

export interface WireCase {
  readonly name: string
  /** @default POLICIES */
  readonly file?: string
  readonly store?: StoreState
  readonly token?: string
  /** What it needs beside what its steps do. */
  readonly needs?: readonly Need[]
  /** Steps, and of each answer what it has to say. */
  readonly steps: readonly (readonly [Step, Answer])[]
}

const POLICIES = `
attributes: { user: descriptor.user }
policies:
  - { name: api, match: { domain: shop }, key: user, rules: [{ limit: 5/min, burst: 5 }] }
  - { name: strict, match: { domain: shop, user: 'c*' }, key: user, rules: [2/min] }
  - { name: dark, match: { domain: dark }, key: user, mode: shadow, rules: [1/min] }
deny: { user: [mallory] }
`
const [consumes, reads, strange] = [newToken(), newToken(), newToken()]
const WITH_TOKENS = `
tokens:
  - { name: cart, hash: "${tokenHash(consumes)}", scopes: [consume] }
  - { name: board, hash: "${tokenHash(reads)}", scopes: [read] }
${POLICIES}`

export const USUAL = POLICIES

const consume = (user: string, more: Partial<Step> = {}): Step => ({ verb: 'consume', user, ...more }) as Step
const passed = { allowed: true, reason: 'within-limit', source: 'store' } as const
const limited = { allowed: false, reason: 'limited', source: 'store' } as const
/** Whatever they match: their key is a user. */
const ALL = ['api', 'strict', 'dark']
const ofApi = { policy: 'api', limit: 5 } as const

export const CASES: readonly WireCase[] = [
  {
    name: 'admits',
    steps: [
      [consume('alice'), { ...passed, ...ofApi, remaining: 4, cost: 1, retryAfterMs: 0 }],
      [consume('bob'), { ...passed, ...ofApi, remaining: 4 }],
      [consume('alice'), { ...passed, ...ofApi, remaining: 3 }],
    ],
  },
  {
    name: 'denies, and says when it will pass',
    steps: [
      [consume('alice', { cost: 5 }), { ...passed, remaining: 0, cost: 5 }],
      [consume('alice'), { ...limited, ...ofApi, remaining: 0, cost: 1, retryAfterMs: 12_000 }],
    ],
  },
  {
    name: 'takes costs, also none and too much',
    steps: [
      [consume('alice', { cost: 3 }), { ...passed, remaining: 2, cost: 3 }],
      [consume('alice', { cost: 3 }), { ...limited, remaining: 2, retryAfterMs: 12_000 }],
      [
        consume('alice', { cost: 6 }),
        { allowed: false, reason: 'cost-exceeds-capacity', remaining: 2, retryAfterMs: null },
      ],
      [consume('alice', { cost: 0 }), { ...passed, remaining: 2, cost: 0 }],
      [consume('alice', { cost: 2 }), { ...passed, remaining: 0 }],
    ],
  },
  {
    name: 'peeks, and spends nothing by it',
    steps: [
      [
        { verb: 'peek', user: 'alice' },
        { ...passed, ...ofApi, remaining: 4 },
      ],
      [
        { verb: 'peek', user: 'alice', cost: 6 },
        { allowed: false, reason: 'cost-exceeds-capacity' },
      ],
      [consume('alice'), { ...passed, remaining: 4 }],
    ],
  },
  {
    name: 'asks all policies that match, and spends from all or none',
    steps: [
      [consume('carol', { cost: 2 }), { ...passed, policy: 'strict', limit: 2, remaining: 0 }],
      [consume('carol'), { ...limited, policy: 'strict', remaining: 0 }],
      [consume('carol', { policy: 'api', cost: 3 }), { ...passed, policy: 'api', remaining: 0 }],
    ],
  },
  {
    name: 'lets pass what no policy is about',
    steps: [
      [
        consume('alice', { domain: 'elsewhere' }),
        { allowed: true, reason: 'unmatched', source: 'none', policy: null, limit: null, remaining: null },
      ],
    ],
  },
  {
    name: 'denies who is on a list',
    steps: [
      [
        consume('mallory'),
        { allowed: false, reason: 'denied-by-policy', source: 'none', policy: null, retryAfterMs: null },
      ],
    ],
  },
  {
    name: 'counts in shadow, and denies nobody by it',
    steps: [
      [consume('alice', { domain: 'dark' }), { allowed: true, reason: 'unmatched', policy: null }],
      [consume('alice', { domain: 'dark' }), { allowed: true, reason: 'unmatched', policy: null }],
    ],
  },
  {
    name: 'refuses a policy that is not there',
    steps: [[consume('alice', { policy: 'nope' }), { error: 'unknown-policy' }]],
  },
  {
    name: 'refuses an identity that is empty',
    steps: [
      [consume(''), { error: 'invalid-key' }],
      [consume('alice'), { ...passed, remaining: 4 }],
    ],
  },
  {
    name: 'refuses a cost that is none',
    needs: ['bad-cost'],
    steps: [
      [consume('alice', { cost: -1 }), { error: 'invalid-cost' }],
      [consume('alice', { cost: 2 ** 53 }), { error: 'invalid-cost' }],
    ],
  },
  {
    name: 'blocks, unblocks and resets',
    steps: [
      [consume('alice', { cost: 4 }), { ...passed, remaining: 1 }],
      [{ verb: 'block', user: 'alice' }, { policies: ALL }],
      [consume('alice'), { allowed: false, reason: 'blocked', policy: 'api', retryAfterMs: 600_000 }],
      [{ verb: 'unblock', user: 'alice' }, { policies: ALL }],
      [consume('alice'), { ...passed, remaining: 0 }],
      [{ verb: 'reset', user: 'alice' }, { policies: ALL }],
      [consume('alice'), { ...passed, remaining: 4 }],
    ],
  },
  {
    name: 'gives back by a receipt once, and by nothing else',
    steps: [
      [consume('alice', { cost: 3 }), { ...passed, remaining: 2 }],
      [{ verb: 'refund', receipt: 'last' }, { refunded: 3 }],
      [{ verb: 'refund', receipt: 'last' }, { refunded: 0 }],
      [{ verb: 'refund', receipt: 'forged' }, { error: 'invalid-receipt' }],
      [consume('alice'), { ...passed, remaining: 4 }],
    ],
  },
  ...(['fail', 'hang'] as const).flatMap(withoutStore),
  {
    name: 'is for who has a token',
    file: WITH_TOKENS,
    needs: ['token'],
    steps: [[consume('alice'), { error: 'unauthenticated' }]],
  },
  {
    name: 'is for who has a token that it knows',
    file: WITH_TOKENS,
    token: strange,
    needs: ['token'],
    steps: [[consume('alice'), { error: 'unauthenticated' }]],
  },
  {
    name: 'is for who has a token that is for this',
    file: WITH_TOKENS,
    token: reads,
    needs: ['token'],
    steps: [[consume('alice'), { error: 'forbidden' }]],
  },
  {
    name: 'takes who has the token',
    file: WITH_TOKENS,
    token: consumes,
    needs: ['token'],
    steps: [[consume('alice'), { ...passed, ...ofApi, remaining: 4 }]],
  },
]

/** While the store does not answer, at once or within the time of the caller. */
function withoutStore(fault: 'fail' | 'hang'): WireCase[] {
  const when = fault === 'fail' ? 'while the store fails' : 'at the deadline of the caller'
  const step = consume('alice', fault === 'hang' ? { deadlineMs: 5000 } : {})
  return [
    {
      name: `decides by its share of the limits ${when}, in the mode local`,
      store: { fault, onStoreError: 'local' },
      steps: [[step, { allowed: true, reason: 'within-limit', source: 'fallback', policy: 'api', limit: 5 }]],
    },
    {
      name: `lets pass ${when}, in the mode open`,
      store: { fault, onStoreError: 'open' },
      steps: [[step, { allowed: true, reason: 'store-unavailable', source: 'open', policy: null }]],
    },
    {
      name: `has no answer ${when}, in the mode closed`,
      store: { fault, onStoreError: 'closed' },
      needs: ['value-of-error'],
      steps: [[step, { error: 'store-unavailable' }]],
    },
  ]
}
