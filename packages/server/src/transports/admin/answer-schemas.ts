import { allRequired, SCHEMAS, schemaRef } from '../http/answer-schemas.ts'
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

export const DENIALS: JsonSchema = allRequired({
  denials: { type: 'array', items: DENIAL },
  since: {
    type: ['number', 'null'],
    description: 'Since when all are kept, in milliseconds since 1970; null: since the start.',
  },
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
      margin: { ...NUMBER, description: 'By how much sampling may have it too low, in 19 of 20 cases.' },
    }),
  },
})

const COUNTS = { allowed: WHOLE, denied: WHOLE, shadowDenied: WHOLE } as const
const RULE_DENIALS: JsonSchema = {
  type: 'array',
  description: 'Those that denied, or would have, most first. Null: any others.',
  items: allRequired({ rule: NAME, denied: WHOLE, shadowDenied: WHOLE }),
}
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
    policies: { type: 'array', items: allRequired({ policy: NAME, ...COUNTS, rules: RULE_DENIALS }) },
  }),
  description: 'Since the process started. Null where it is not for the token to know.',
}

export const STATISTICS_HISTORY: JsonSchema = allRequired({
  everyMs: WHOLE,
  samples: {
    type: ['array', 'null'],
    description: 'Decisions in a second, by when it ended; null for a token of some domains or policies.',
    items: allRequired({ at: TIME, ...COUNTS }),
  },
})

export const USAGE: JsonSchema = allRequired({
  policies: {
    type: 'array',
    items: allRequired({
      ...KEY,
      blockedForMs: { ...WHOLE_OR_NULL, description: 'Until a block or ban ends; null without one.' },
      source: { ...TEXT, description: 'As of a decision; `fallback`, `open`, `closed`: not the store.' },
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

const TEXTS_OR_NULL: JsonSchema = { type: ['array', 'null'], items: TEXT }
const OBJECT_OR_NULL: JsonSchema = { type: ['object', 'null'], additionalProperties: true }

export const HEALTH: JsonSchema = allRequired({
  version: TEXT,
  token: {
    ...allRequired({ name: TEXT, scopes: { type: 'array', items: TEXT } }),
    type: ['object', 'null'],
    description: 'That of the caller, and what it is for. Null where there are no tokens.',
  },
  at: TIME,
  uptimeMs: WHOLE,
  isDraining: FLAG,
  configuration: schemaRef('ConfigurationState'),
  store: {
    ...allRequired({
      available: FLAG,
      store: { type: 'string', enum: ['reachable', 'unreachable', 'unknown'] },
      answeredAt: { ...WHOLE_OR_NULL, description: 'When it last carried out a call.' },
      breaker: { type: 'string', enum: ['closed', 'half-open', 'open'] },
      consecutiveFailures: WHOLE,
      lastError: {
        ...allRequired({ code: TEXT, message: TEXT, at: TIME }),
        type: ['object', 'null'],
      },
      latency: {
        ...allRequired({ count: WHOLE, p50Ms: NUMBER, p99Ms: NUMBER, maxMs: NUMBER }),
        type: ['object', 'null'],
      },
      replicas: { ...WHOLE, description: 'By how many limits are shared while the store does not answer.' },
      parts: allRequired({ total: WHOLE, unavailable: WHOLE }),
    }),
    description: 'As the last calls found it.',
  },
  decisions: { ...COUNT_BY_NAME, description: 'By source; `lease` is what leases spared the store.' },
  overloads: { ...WHOLE, description: 'Decisions without the store because this process was late.' },
  eventLoop: {
    ...allRequired({ meanMs: NUMBER, p99Ms: NUMBER, maxMs: NUMBER }),
    description: 'How late it was in the last one to two minutes; of several, the worst.',
  },
  memory: allRequired({ rssBytes: WHOLE, heapUsedBytes: WHOLE }),
  certificate: {
    ...allRequired({ fingerprint: TEXT, notAfterMs: WHOLE }),
    type: ['object', 'null'],
    description: 'Null without TLS.',
  },
})

export const CONFIGURATION: JsonSchema = {
  ...allRequired({
    ...SCHEMAS.Policies.properties,
    http: OBJECT_OR_NULL,
    trustedProxies: TEXTS_OR_NULL,
    attributes: OBJECT_OR_NULL,
    jwt: OBJECT_OR_NULL,
    tokens: {
      type: ['array', 'null'],
      items: allRequired({
        name: TEXT,
        scopes: { type: 'array', items: TEXT },
        domains: TEXTS_OR_NULL,
        policies: TEXTS_OR_NULL,
        limit: NAME,
      }),
    },
    receipts: OBJECT_OR_NULL,
    hashKeys: { type: ['boolean', 'null'] },
    adminHosts: TEXTS_OR_NULL,
    file: NAME,
    store: NAME,
    options: OBJECT_OR_NULL,
  }),
  description: 'Null where it is not for the token to know.',
}

export const CONFIGURATION_HISTORY: JsonSchema = allRequired({
  changes: {
    type: 'array',
    items: allRequired({
      at: TIME,
      outcome: { type: 'string', enum: ['in-force', 'rejected'] },
      hash: { type: 'string', description: 'Of what is in force since then.' },
      reason: { ...NAME, description: 'Why it was rejected; else null.' },
      path: { ...NAME, description: 'The wrong setting; null unless it was rejected.' },
      what: { type: 'string', description: 'What changed, and who changed it, for people.' },
    }),
  },
})
