import { HeadgateError, parseDuration } from 'headgate'
import { z } from 'zod'
import type { Mistake } from './config-error.ts'
import { explain, flatten, unknownKeys } from './issues.ts'
import { show } from './unknown-name.ts'

/** A map with these keys only; an unknown one is refused with a suggestion. */
function strict<S extends z.ZodRawShape>(shape: S): z.ZodObject<S, z.core.$strict> {
  const known = Object.keys(shape)
  const error: z.core.$ZodErrorMap = (issue) =>
    issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, known) : undefined
  return z.strictObject(shape, { error })
}

type Optional<S extends z.ZodRawShape> = { readonly [K in keyof S]: z.ZodExactOptional<S[K]> }

function optional<S extends z.ZodRawShape>(shape: S): Optional<S> {
  const entries = Object.entries(shape).map(([name, type]) => [name, z.exactOptional(type)])
  return Object.fromEntries(entries) as Optional<S>
}

const STORE_URL = /^(memory:?$|rediss?(\+(cluster|sentinel))?:\/\/[^/\s]|(redis\+)?unix:\/\/\S)/
const SOURCE = /^(jwt|header|descriptor|query|cookie|peer)\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/

const whole = z.int()
const duration = z.union([z.string(), z.number()]).superRefine((value, context) => {
  try {
    parseDuration(value, '')
  } catch (reason) {
    context.addIssue(HeadgateError.from(reason).message)
  }
})
const rate = z.union([z.string(), strict({ limit: whole, window: duration })], {
  error: ({ input }) =>
    input === undefined ? undefined : `${show(input)} is not a rate; write it as 100/min`,
})
const texts = z.union([z.string(), whole, z.array(z.union([z.string(), whole])).min(1)])
const match = z.record(z.string(), texts)
const onStoreError = z.enum(['local', 'open', 'closed'])

const ruleNumbers = {
  algorithm: z.string(),
  burst: whole,
  segments: whole,
  align: z.enum(['first-hit', 'epoch', 'calendar']),
  timezone: z.string(),
}
const rule = strict({ ...optional({ name: z.string(), ...ruleNumbers }), limit: rate })
const ruleChanges = z.record(z.string(), strict(optional({ ...ruleNumbers, limit: rate })))

const store = strict({
  // The value is not repeated: a URL may hold a password.
  url: z.string().regex(STORE_URL, 'is not a store; write memory, redis://host:6379 or rediss://host:6379'),
  ...optional({
    prefix: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/, {
      error: ({ input }) => `${show(input)} is not a prefix; use up to 64 letters, digits and . _ : / -`,
    }),
    deadline: duration,
    onStoreError,
    replicas: z.union([z.literal('auto'), whole.min(1)]),
  }),
})

const policy = strict({
  name: z.string(),
  rules: z.array(z.union([z.string(), rule])),
  ...optional({
    match,
    key: z.union([z.string(), z.array(z.string())]),
    overrides: z.array(strict({ match, rules: ruleChanges })),
    choose: strict({ group: z.string(), priority: whole }),
    missing: z.enum(['ip', 'skip', 'refuse']),
    mode: z.enum(['enforce', 'shadow', 'off']),
    shadow: strict({ rules: ruleChanges }),
    rollout: z.string().refine(isPercentage, {
      error: ({ input }) => `${show(input)} is not a share; write it as 0% to 100%`,
    }),
    ban: z.array(duration).min(1),
    lease: strict({ max: whole.min(1), ...optional({ lifetime: duration }) }),
    onStoreError,
    store: z.string(),
  }),
})

const source = z.string().regex(SOURCE, {
  error: ({ input }) =>
    `${show(input)} is not a source; write it as jwt.sub, header.x-user-id or descriptor.user_id`,
})

const file = strict({
  policies: z.array(policy),
  ...optional({
    version: z.literal(1),
    store,
    stores: z.record(z.string(), store),
    attributes: z.record(z.string(), z.union([source, z.array(source).min(1)])),
    allow: match,
    deny: match,
  }),
})

/** A configuration file whose names and types are right. */
export type FileShape = z.output<typeof file>

/** A policy as the file writes it: the library's, and what the service adds. */
export type FilePolicy = z.output<typeof policy>

/** A store as the file writes it. */
export type FileStore = z.output<typeof store>

/** Checks names and types of everything in a file; what the numbers mean is for the library to check. */
export function checkShape(value: unknown): { shape: FileShape } | { mistakes: Mistake[] } {
  const { data, error } = file.safeParse(value, { error: (issue) => explain(issue) })
  return error === undefined ? { shape: data } : { mistakes: error.issues.flatMap((issue) => flatten(issue)) }
}

function isPercentage(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3})?%$/.test(text) && Number.parseFloat(text) <= 100
}
