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
      type: 'integer',
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
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

/** The body of a call about somebody, who is told by `attributes` or by `key`. */
export function bodyOf(...names: readonly (keyof typeof FIELDS)[]): JsonSchema {
  return {
    ...objectOf(fieldsOf('attributes', 'key', 'descriptor', ...names)),
    oneOf: [{ required: ['attributes'] }, { required: ['key'] }],
  }
}

/** What a JSON value is called in sentences. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return value === null ? 'null' : 'an object'
  return typeof value === 'string' ? 'a text' : String(value)
}
