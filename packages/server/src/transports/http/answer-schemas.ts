import { type JsonSchema, objectOf } from './json-schema.ts'

const TEXT: JsonSchema = { type: 'string' }
const NAME: JsonSchema = { type: ['string', 'null'] }
const WHOLE: JsonSchema = { type: 'integer', minimum: 0 }
const WHOLE_OR_NULL: JsonSchema = { type: ['integer', 'null'], minimum: 0 }
const VALUE_OR_VALUES: JsonSchema = {
  type: ['string', 'integer', 'array'],
  // An entry of a descriptor may be an object.
  items: { type: ['string', 'integer', 'object'] },
}

const RULE = {
  policy: TEXT,
  rule: TEXT,
  limit: WHOLE,
  rate: allRequired({ limit: WHOLE, windowMs: WHOLE }),
  remaining: WHOLE,
  retryAfterMs: WHOLE_OR_NULL,
  resetAfterMs: WHOLE,
}
const RULE_VIEW = allRequired(RULE)

const MATCH: JsonSchema = {
  type: 'object',
  additionalProperties: { oneOf: [VALUE_OR_VALUES, allRequired({ values: WHOLE })] },
}

const ACCESS_LIST: JsonSchema = {
  oneOf: [
    { type: 'object', additionalProperties: WHOLE, description: 'How many values an attribute has.' },
    { type: 'array', items: MATCH, description: 'Matches, all attributes of which a request has to have.' },
  ],
}

const REJECTED: JsonSchema = {
  ...allRequired({
    file: { type: ['string', 'null'], description: 'The file of a folder.' },
    path: { type: 'string', description: 'The wrong setting; empty for the file as a whole.' },
    line: WHOLE_OR_NULL,
    column: WHOLE_OR_NULL,
    message: TEXT,
    more: { ...WHOLE, description: 'How many more mistakes there are.' },
  }),
  type: ['object', 'null'],
  description: 'Why a later configuration is not in force: its first mistake.',
}

/** What was changed at run time. */
const RUNTIME = {
  runtime: {
    ...allRequired({
      version: { type: 'string', description: 'Also the ETag; 0 where nothing was ever changed.' },
      shadow: { type: 'boolean', description: 'Whether all policies are in shadow.' },
      policies: {
        type: 'array',
        items: TEXT,
        description: 'Those that live at run time; others are of the file.',
      },
    }),
    description: 'What was changed at run time.',
  },
} as const satisfies Readonly<Record<string, JsonSchema>>

const HEADER_FIELDS: JsonSchema = { type: 'object', additionalProperties: TEXT }

/** What policies add to the answer that the caller gives. */
const ADDITIONS = {
  headers: {
    ...HEADER_FIELDS,
    description: 'Header fields for your answer, from the policies that judged; absent where they have none.',
  },
  response: {
    ...allRequired({ status: WHOLE, body: TEXT, headers: HEADER_FIELDS }),
    description: "The binding policy's own answer to a denied request; absent where it has none.",
  },
  id: {
    type: 'string',
    description: 'By which this denial is found again; absent where the request passes.',
  },
} as const satisfies Readonly<Record<string, JsonSchema>>

const CONDITIONS: JsonSchema = {
  type: 'array',
  items: allRequired({
    attribute: TEXT,
    value: NAME,
    met: { type: 'boolean' },
    wanted: {
      type: 'array',
      items: TEXT,
      description: 'Of paths, methods and hosts; at most 10 where none is met.',
    },
    patterns: { ...WHOLE, description: 'How many there are.' },
  }),
}

const POLICY_EXPLANATION: JsonSchema = allRequired({
  policy: TEXT,
  outcome: {
    type: 'string',
    enum: [
      'applies',
      'in-shadow',
      'unmatched',
      'off',
      'without-key',
      'unreadable',
      'not-chosen',
      'not-asked',
      'listed',
    ],
  },
  conditions: CONDITIONS,
  choose: { ...allRequired({ group: TEXT, chosen: NAME }), type: ['object', 'null'] },
  override: WHOLE_OR_NULL,
  key: { type: ['object', 'null'], additionalProperties: TEXT },
  cost: WHOLE_OR_NULL,
  rules: { type: 'array', items: RULE_VIEW },
})

const DECISION = {
  allowed: { type: 'boolean' },
  reason: {
    type: 'string',
    enum: [
      'within-limit',
      'unmatched',
      'limited',
      'cost-exceeds-capacity',
      'denied-by-policy',
      'blocked',
      'store-unavailable',
      'disabled',
    ],
  },
  source: {
    type: 'string',
    enum: ['store', 'lease', 'deny-cache', 'fallback', 'open', 'closed', 'none'],
  },
  policy: NAME,
  rule: NAME,
  limit: WHOLE_OR_NULL,
  remaining: WHOLE_OR_NULL,
  cost: WHOLE,
  retryAfterMs: { ...WHOLE_OR_NULL, description: 'Null: never.' },
  resetAfterMs: WHOLE_OR_NULL,
  rules: { type: 'array', items: RULE_VIEW },
  shadow: {
    type: 'array',
    items: withOptional({ blocked: { type: 'boolean' } }, { ...RULE, allowed: { type: 'boolean' } }),
  },
  receipt: {
    type: ['string', 'null'],
    description: 'To be passed on as it is; null when nothing was spent.',
  },
} as const satisfies Readonly<Record<string, JsonSchema>>

/** Answers of the API that several routes have, by name. */
export const SCHEMAS = {
  Decision: {
    ...withOptional(ADDITIONS, DECISION),
    description: 'The answer to one request; times are whole milliseconds, rounded up.',
  },
  Credited: withOptional(ADDITIONS, {
    ...DECISION,
    credited: { ...WHOLE, description: 'Units given back: the least of all rules.' },
  }),
  Reserved: {
    ...withOptional(ADDITIONS, {
      ...DECISION,
      reservation: {
        type: ['string', 'null'],
        description: 'Stands for what is held, in place of a receipt; null where it was denied.',
      },
      held: { ...WHOLE, description: 'Units held.' },
    }),
    description: 'A decision, and the reservation.',
  },
  Batch: allRequired({
    allowed: { type: 'boolean', description: 'Whether all requests pass.' },
    retryAfterMs: { ...WHOLE_OR_NULL, description: 'Until all of them would; null: never.' },
    decisions: {
      type: 'array',
      description: 'One for each request, in their order; a problem document in place of one that is wrong.',
      items: {
        oneOf: ['Decision', 'Credited', 'Problem'].map((name) => ({ $ref: `#/components/schemas/${name}` })),
      },
    },
  }),
  Problem: {
    ...objectOf(
      {
        type: TEXT,
        title: TEXT,
        status: WHOLE,
        detail: { type: 'string', description: 'One sentence with the fix.' },
        code: { type: 'string', description: 'One of a closed set; match on it.' },
        path: { type: 'string', description: 'The field it is about, as in `attributes.user`.' },
      },
      ['type', 'title', 'status', 'detail', 'code'],
    ),
    description: 'A problem document (RFC 9457).',
    additionalProperties: true,
  },
  Policies: withOptional(RUNTIME, {
    hash: { type: 'string', description: 'Tells one configuration from another.' },
    policies: {
      type: 'array',
      items: {
        type: 'object',
        required: ['name', 'rules'],
        description: 'As configured, except for values of `match`.',
        properties: {
          name: TEXT,
          match: MATCH,
        },
      },
    },
    allow: ACCESS_LIST,
    deny: ACCESS_LIST,
    notInForce: { type: 'array', items: allRequired({ path: TEXT, message: TEXT }) },
    rejected: REJECTED,
  }),
  Explanation: {
    ...allRequired({
      listed: {
        ...allRequired({ list: { type: 'string', enum: ['allow', 'deny'] }, conditions: CONDITIONS }),
        type: ['object', 'null'],
        description: 'The list that the request is on.',
      },
      policies: { type: 'array', items: POLICY_EXPLANATION },
      decision: { $ref: '#/components/schemas/Decision' },
    }),
    description: 'Why a request would be decided as it would. Values that may be secrets are `…`.',
  },
  ConfigurationState: withOptional(
    { shadow: { const: true, description: 'Present while all policies are in shadow.' } },
    { hash: TEXT, rejected: REJECTED },
  ),
} as const satisfies Readonly<Record<string, JsonSchema>>

/** A schema by its name, as the document has it. */
export function schemaRef(name: keyof typeof SCHEMAS): JsonSchema {
  return { $ref: `#/components/schemas/${name}` }
}

/** An object that has all of these fields. */
export function allRequired(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return objectOf(properties, Object.keys(properties))
}

function withOptional(
  optional: Readonly<Record<string, JsonSchema>>,
  required: Readonly<Record<string, JsonSchema>>,
): JsonSchema {
  return objectOf({ ...required, ...optional }, Object.keys(required))
}
