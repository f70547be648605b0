import { allRequired } from '../http/answer-schemas.ts'
import type { JsonSchema } from '../http/json-schema.ts'

const TEXT: JsonSchema = { type: 'string' }
const NAME: JsonSchema = { type: ['string', 'null'] }
const WHOLE: JsonSchema = { type: 'integer', minimum: 0 }
const WHOLE_OR_NULL: JsonSchema = { type: ['integer', 'null'], minimum: 0 }
const NUMBER: JsonSchema = { type: 'number', minimum: 0 }
const FLAG: JsonSchema = { type: 'boolean' }
const TIME: JsonSchema = { ...WHOLE, description: 'Milliseconds since 1970.' }

const KEY = {
  policy: TEXT,
  key: {
    type: 'string',
    description: 'As receipts have it, `~g` for everybody; `…` and 12 digits where it may be a secret.',
  },
} as const satisfies Readonly<Record<string, JsonSchema>>

export const DENIAL: JsonSchema = allRequired({
  id: TEXT,
  at: TIME,
  policy: { ...NAME, description: 'Null: the list `deny`, or the store did not answer.' },
  rule: NAME,
  reason: TEXT,
  source: TEXT,
  verb: TEXT,
  transport: TEXT,
  cost: WHOLE,
  retryAfterMs: { ...WHOLE_OR_NULL, description: 'Null: never.' },
  keys: { type: 'array', items: allRequired(KEY), description: 'Whose budgets were asked.' },
  actor: { ...NAME, description: 'The name of the token that it came with.' },
})

export const TOP: JsonSchema = allRequired({
  by: TEXT,
  window: allRequired({ from: TIME, to: TIME }),
  total: { ...NUMBER, description: 'All that was counted.' },
  sampledOneIn: { ...WHOLE, description: 'At most one in so many was looked at; 1 where all were.' },
  counters: { ...WHOLE, description: 'Every key with more than this part of its policy is listed.' },
  keys: {
    type: 'array',
    items: allRequired({
      ...KEY,
      count: NUMBER,
      error: { ...NUMBER, description: 'By how much the count may be too high.' },
    }),
  },
})

const COUNTS = { allowed: WHOLE, denied: WHOLE, shadowDenied: WHOLE } as const
const COUNT_BY_NAME: JsonSchema = { type: ['object', 'null'], additionalProperties: WHOLE }

export const STATISTICS: JsonSchema = {
  ...allRequired({
    since: TIME,
    totalRequests: WHOLE,
    ...COUNTS,
    storeRequests: { ...WHOLE_OR_NULL, description: 'By the store, a lease or the deny cache.' },
    fallbackRequests: { ...WHOLE_OR_NULL, description: 'Without the store, which did not answer.' },
    errors: WHOLE_OR_NULL,
    storeErrors: WHOLE_OR_NULL,
    policyHits: WHOLE,
    averageLatencyMs: { type: ['number', 'null'], description: 'Of the last one to two minutes.' },
    storeAvailable: FLAG,
    activePolicies: WHOLE,
    bySource: COUNT_BY_NAME,
    byTransport: COUNT_BY_NAME,
    byVerb: COUNT_BY_NAME,
    latency: {
      type: ['object', 'null'],
      description: 'By source, of the last one to two minutes; rounded up by an eighth at most.',
      additionalProperties: allRequired({
        count: WHOLE,
        averageMs: NUMBER,
        p50Ms: NUMBER,
        p90Ms: NUMBER,
        p99Ms: NUMBER,
      }),
    },
    rates: {
      type: ['array', 'null'],
      items: allRequired({
        overSeconds: WHOLE,
        decisionsPerSecond: NUMBER,
        deniedPerSecond: NUMBER,
        errorsPerSecond: NUMBER,
      }),
    },
    policies: { type: 'array', items: allRequired({ policy: NAME, ...COUNTS }) },
  }),
  description: 'Since the process started. Null where it is not for the token to know.',
}

export const USAGE: JsonSchema = allRequired({
  policies: {
    type: 'array',
    items: allRequired({
      ...KEY,
      blockedForMs: { ...WHOLE_OR_NULL, description: 'Until a block or ban ends; null without one.' },
      rules: {
        type: 'array',
        items: allRequired({
          rule: TEXT,
          limit: WHOLE,
          rate: allRequired({ limit: WHOLE, windowMs: WHOLE }),
          used: WHOLE,
          remaining: WHOLE,
          resetAfterMs: WHOLE,
          isShadow: FLAG,
        }),
      },
    }),
  },
})
