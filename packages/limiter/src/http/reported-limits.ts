import { type BareItem, type FieldItem, parseDictionary, parseList } from './structured-field.ts'

/** A policy that a server has told of. */
export interface ReportedPolicy {
  /** Null before draft 8, which has no names. */
  readonly name: string | null
  /** Units per window: `q`. Null where only the rest of it was told. */
  readonly limit: number | null
  /** The window in milliseconds: 60000 for `w=60`. Null where it was not told. */
  readonly windowMs: number | null
  /** What is counted: `qu`, else `requests`. */
  readonly unit: string
  /** Whose budget it is, in base64: `pk`. Null where it was not told. */
  readonly partitionKey: string | null
  /** Units left; null where it was not told. */
  readonly remaining: number | null
  /** Milliseconds until there is more; null where it was not told. */
  readonly resetAfterMs: number | null
}

/** Reads one header field, several lines joined with a comma; null where it is absent. */
export type FieldReader = (name: string) => string | null

/** Policies, of which the last generation that the fields have is told; `timeOf` reads a time of any form as milliseconds from now. */
export function reportedLimits(
  read: FieldReader,
  timeOf: (text: string) => number | null,
): readonly ReportedPolicy[] {
  const policies = policiesIn(read('ratelimit-policy'))
  const named = namedLimits(read('ratelimit'), policies)
  if (named !== null) return named
  const single = draft7Limit(read('ratelimit'))
  if (single !== null) return withLimit(policies, single)
  for (const prefix of ['ratelimit', 'x-ratelimit', 'x-rate-limit']) {
    const stated = numbers(prefix, read, timeOf)
    if (stated === null) continue
    const own = policiesIn(read(`${prefix}-policy`))
    return withLimit(own.length > 0 ? own : stated.policies, stated)
  }
  return policies
}

const NO_POLICY: ReportedPolicy = {
  name: null,
  limit: null,
  windowMs: null,
  unit: 'requests',
  partitionKey: null,
  remaining: null,
  resetAfterMs: null,
}

/** `"api";q=100;w=60` of draft 8 and later, `100;w=60` before. */
function policiesIn(text: string | null): readonly ReportedPolicy[] {
  return listIn(text).flatMap(({ bare, params }): ReportedPolicy[] => {
    const isNamed = bare.type === 'string'
    const limit = isNamed ? whole(params.get('q')) : whole(bare)
    const seconds = whole(params.get('w'))
    if (limit === null) return []
    return [
      {
        ...NO_POLICY,
        name: isNamed ? bare.value : null,
        limit,
        windowMs: seconds === null ? null : milliseconds(seconds),
        unit: textOf(params.get('qu'), 'string') ?? NO_POLICY.unit,
        partitionKey: textOf(params.get('pk'), 'bytes'),
      },
    ]
  })
}

/** `"api";r=97;t=60` of draft 8 and later, added to the policies of that name; null where the field is of another form. */
function namedLimits(
  text: string | null,
  policies: readonly ReportedPolicy[],
): readonly ReportedPolicy[] | null {
  const limits = listIn(text).flatMap(({ bare, params }): ReportedPolicy[] => {
    const remaining = whole(params.get('r'))
    if (bare.type !== 'string' || remaining === null) return []
    const seconds = whole(params.get('t'))
    const partitionKey = textOf(params.get('pk'), 'bytes')
    const isOf = (policy: ReportedPolicy): boolean =>
      policy.name === bare.value && (partitionKey === null || policy.partitionKey === partitionKey)
    const resetAfterMs = seconds === null ? null : milliseconds(seconds)
    const policy = policies.find(isOf) ?? { ...NO_POLICY, name: bare.value, partitionKey }
    return [{ ...policy, remaining, resetAfterMs }]
  })
  if (limits.length === 0) return null
  const isTold = ({ name, partitionKey }: ReportedPolicy): boolean =>
    limits.some((limit) => limit.name === name && limit.partitionKey === partitionKey)
  return [...limits, ...policies.filter((policy) => !isTold(policy))]
}

type Numbers = Pick<ReportedPolicy, 'limit' | 'remaining' | 'resetAfterMs'>

/** `limit=100, remaining=97, reset=60`. */
function draft7Limit(text: string | null): Numbers | null {
  const members = text === null ? null : parseDictionary(text)
  const [limit, remaining, seconds] = ['limit', 'remaining', 'reset'].map((key) =>
    whole(members?.get(key)?.bare),
  ) as [number | null, number | null, number | null]
  if (remaining === null) return null
  return { limit, remaining, resetAfterMs: seconds === null ? null : milliseconds(seconds) }
}

/** A field for each number; drafts before 4 have the policies behind the limit: `100, 100;w=60`. */
function numbers(
  prefix: string,
  read: FieldReader,
  timeOf: (text: string) => number | null,
): (Numbers & { readonly policies: readonly ReportedPolicy[] }) | null {
  const [limit = null, ...policies] = policiesIn(read(`${prefix}-limit`))
  const remaining = unitsLeft(listIn(read(`${prefix}-remaining`))[0]?.bare)
  const reset = read(`${prefix}-reset`)
  if (remaining === null && limit === null) return null
  return {
    limit: limit?.limit ?? null,
    remaining,
    resetAfterMs: reset === null ? null : timeOf(reset),
    policies: limit?.windowMs == null ? policies : [limit, ...policies],
  }
}

/** Adds numbers of a limit without a name to the first policy that has it, and puts that in front. */
function withLimit(policies: readonly ReportedPolicy[], told: Numbers): readonly ReportedPolicy[] {
  const { limit, remaining, resetAfterMs } = told
  const policy = policies.find((one) => one.limit === limit)
  const rest = policies.filter((one) => one !== policy)
  return [{ ...NO_POLICY, ...policy, limit, remaining, resetAfterMs }, ...rest]
}

function listIn(text: string | null): readonly FieldItem[] {
  return (text === null ? null : parseList(text)) ?? []
}

function whole(item: BareItem | undefined): number | null {
  return item?.type === 'integer' && item.value >= 0 ? item.value : null
}

/** Some servers count on below 0, which no specification of these fields forbids. */
function unitsLeft(item: BareItem | undefined): number | null {
  return item?.type === 'integer' ? Math.max(0, item.value) : null
}

function textOf(item: BareItem | undefined, type: 'string' | 'bytes'): string | null {
  return item?.type === type ? (item.value as string) : null
}

/** Seconds as whole milliseconds. */
export function milliseconds(seconds: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(seconds * 1000))
}
