import { type JsonSchema, objectOf } from './json-schema.ts'

/** A field of a body: what it may be, and what is said of it where it is not. */
export interface Field {
  readonly schema: JsonSchema
  readonly code: 'invalid-request' | 'invalid-key' | 'invalid-cost' | 'invalid-receipt'
  /** One sentence with the fix. */
  readonly mistake: (value: unknown) => string
  /** The sentence about a value inside it. */
  readonly mistakeInside?: (value: unknown) => string
}

const IDENTITY: JsonSchema = {
  type: ['string', 'integer'],
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
}

const UNITS: JsonSchema = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }

/** A text such as `30s`, or milliseconds. */
const DURATION: JsonSchema = { type: ['string', 'integer'], minimum: 1, maxLength: 32 }

const identifiesNobody = (value: unknown): string =>
  `${kindOf(value)} identifies nobody; give a text or a whole number`

/** All fields that bodies have, by name. */
export const FIELDS = {
  attributes: {
    schema: {
      type: 'object',
      additionalProperties: { ...IDENTITY, type: ['string', 'integer', 'null'] },
      description: 'What policies match on and are keyed by; null and an empty text are as good as nothing.',
    },
    code: 'invalid-key',
    mistake: (value) => `attributes are an object of names and texts, not ${kindOf(value)}`,
    mistakeInside: identifiesNobody,
  },
  key: {
    schema: { ...IDENTITY, minLength: 1, description: 'Short for attributes with this `key` alone.' },
    code: 'invalid-key',
    mistake: (value) =>
      value === '' ? 'a key is a text of at least one character' : identifiesNobody(value),
  },
  descriptor: {
    schema: {
      type: 'array',
      items: objectOf({ key: { type: 'string', minLength: 1 }, value: IDENTITY }, ['key', 'value']),
      description: 'Entries in order, for policies that match a `descriptor`; beside `attributes` or `key`.',
    },
    code: 'invalid-key',
    mistake: (value) =>
      `a descriptor is a list of entries, { "key": "tenant", "value": "acme" }, not ${kindOf(value)}`,
    mistakeInside: (value) => `${kindOf(value)} is no part of an entry { "key": "tenant", "value": "acme" }`,
  },
  cost: {
    schema: {
      ...UNITS,
      description: 'Units; 0 spends nothing. Without it those of each policy, 1 unless it has a `cost`.',
    },
    code: 'invalid-cost',
    mistake: () => 'a cost is a whole number from 0 to 2^53 - 1',
  },
  policy: {
    schema: { type: 'string', description: 'Asks one policy only, by name, without its match.' },
    code: 'invalid-request',
    mistake: (value) => `a policy is named by a text, not by ${kindOf(value)}`,
  },
  limit: {
    schema: {
      type: ['string', 'object', 'array'],
      minItems: 1,
      maxItems: 32,
      description:
        'A rate, or several, in place of those of the policy. With `key` and without `policy` a whole rule, which asks no policy.',
    },
    code: 'invalid-request',
    mistake: (value) => `a limit is a rate such as "100/min", or a list of up to 32, not ${kindOf(value)}`,
  },
  burst: {
    schema: { ...UNITS, minimum: 1, description: 'Capacity of a whole rule, which makes it a token bucket.' },
    code: 'invalid-request',
    mistake: (value) => `a burst is a whole number of units from 1 on, not ${kindOf(value)}`,
  },
  deadlineMs: {
    schema: {
      type: 'number',
      minimum: 0,
      maximum: 60_000,
      default: 1000,
      description:
        'How long the caller can wait for the store, in milliseconds; then `onStoreError` decides.',
    },
    code: 'invalid-request',
    mistake: (value) => `a deadline is a number of milliseconds from 0 to 60000, not ${kindOf(value)}`,
  },
  ttl: {
    schema: {
      ...DURATION,
      maximum: 86_400_000,
      default: '5m',
      description: 'After this long the reservation counts as settled at what it holds; a day at most.',
    },
    code: 'invalid-request',
    mistake: (value) => `a ttl is a duration such as "5m" of up to a day, not ${kindOf(value)}`,
  },
  timeout: {
    schema: { ...DURATION, maximum: 60_000, default: '30s', description: 'Longest wait; 60 s at most.' },
    code: 'invalid-request',
    mistake: (value) => `a timeout is a duration such as "30s" of up to 60 s, not ${kindOf(value)}`,
  },
  duration: {
    schema: { ...DURATION, description: 'How long to block, from now: `10m`, or milliseconds.' },
    code: 'invalid-request',
    mistake: (value) => `a duration is a text such as "10m" or milliseconds, not ${kindOf(value)}`,
  },
  reservation: {
    schema: { type: 'string', description: 'That of the last answer about it, as it is.' },
    code: 'invalid-receipt',
    mistake: (value) => `a reservation is the text of an answer, not ${kindOf(value)}`,
  },
  actual: {
    schema: { ...UNITS, description: 'Units that it came to.' },
    code: 'invalid-cost',
    mistake: () => 'an actual cost is a whole number from 0 to 2^53 - 1',
  },
  more: {
    schema: { ...UNITS, description: 'Units to spend beside those held.' },
    code: 'invalid-cost',
    mistake: () => 'more units are a whole number from 0 to 2^53 - 1',
  },
  verb: {
    schema: { type: 'string', enum: ['consume', 'peek', 'charge', 'credit'], default: 'consume' },
    code: 'invalid-request',
    mistake: () => 'the verbs of a batch are consume, peek, charge and credit',
  },
  anyOf: {
    schema: {
      type: 'string',
      minLength: 1,
      maxLength: 64,
      description: 'Name of a group of which one has to pass; with `together`.',
    },
    code: 'invalid-request',
    mistake: (value) => `a group is named by a text of up to 64 characters, not by ${kindOf(value)}`,
  },
  requests: {
    schema: { type: 'array', minItems: 1, maxItems: 100, items: { type: 'object' } },
    code: 'invalid-request',
    mistake: (value) =>
      `requests are a list of 1 to 100 objects, not ${Array.isArray(value) ? `of ${value.length}` : kindOf(value)}`,
    mistakeInside: (value) => `a request is an object, not ${kindOf(value)}`,
  },
  together: {
    schema: { type: 'boolean', default: false, description: 'All of them pass and spend, or none does.' },
    code: 'invalid-request',
    mistake: (value) => `together is true or false, not ${kindOf(value)}`,
  },
  receipt: {
    schema: { type: 'string', description: 'That of an answer, as it is.' },
    code: 'invalid-receipt',
    mistake: (value) => `a receipt is the text of an answer, not ${kindOf(value)}`,
  },
} as const satisfies Readonly<Record<string, Field>>

/** Schemas of fields by their names. */
export function fieldsOf(...names: readonly (keyof typeof FIELDS)[]): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(names.map((name) => [name, FIELDS[name].schema]))
}

const WAYS_TO_SAY_WHO: readonly JsonSchema[] = [{ required: ['attributes'] }, { required: ['key'] }]

/** The body of a call about somebody, who is told by `attributes` or by `key`. */
export function bodyOf(...names: readonly (keyof typeof FIELDS)[]): JsonSchema {
  return { ...objectOf(fieldsOf('attributes', 'key', 'descriptor', ...names)), oneOf: [...WAYS_TO_SAY_WHO] }
}

/** The body of what is done to budgets: as {@link bodyOf}, and a policy for everybody is told by its name alone. */
export function reachBodyOf(...names: readonly (keyof typeof FIELDS)[]): JsonSchema {
  const named = { required: ['policy'], not: { anyOf: WAYS_TO_SAY_WHO } }
  return { ...bodyOf('policy', ...names), oneOf: [...WAYS_TO_SAY_WHO, named] }
}

/** The fields of every request that is decided. */
export const REQUEST_FIELDS = ['cost', 'policy', 'limit', 'burst'] as const

/** What a JSON value is called in sentences. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return value === null ? 'null' : 'an object'
  return typeof value === 'string' ? 'a text' : String(value)
}
