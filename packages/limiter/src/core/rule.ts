import type { Algorithm } from './algorithm.ts'
import { builtIns, defaultAlgorithm } from './algorithms/registry.ts'
import { SEGMENTS_MAX } from './algorithms/sliding-window.ts'
import { unboxed } from './arithmetic.ts'
import { formatDuration } from './duration.ts'
import { invalid, wrong } from './errors.ts'
import { parseRate, type Rate } from './rate.ts'
import { type StateIdentity, stateIdentity } from './state-identity.ts'
import { checkFields, isWhole, suggest } from './validate.ts'

/** One limit as the user writes it. A bare rate is a sliding window; with `burst` it is a token bucket. */
export interface RuleOptions {
  /**
   * Names the rule in decisions, headers and stored state; state follows the name when numbers change.
   * @default the window, such as `1m`
   */
  readonly name?: string
  /**
   * `token-bucket`, `gcra` and `leaky-bucket` are one algorithm under three names; others are `fixed-window`,
   * `sliding-window`, `sliding-log` and registered custom ones.
   * @default 'sliding-window', or 'token-bucket' when `burst` is given
   */
  readonly algorithm?: string
  /** Units per window, such as `100/min`. A limit of 0 denies everything. */
  readonly limit: Rate
  /**
   * Units admissible at one instant; buckets and custom algorithms only.
   * @default the limit
   */
  readonly burst?: number
  /**
   * Segments of a sliding window; more are finer and take more memory.
   * @default 10
   */
  readonly segments?: number
  /**
   * Where fixed windows begin.
   * @default 'first-hit'
   */
  readonly align?: 'first-hit' | 'epoch' | 'calendar'
  /**
   * IANA zone of `align: 'calendar'`.
   * @default 'UTC'
   */
  readonly timezone?: string
}

/** A rule in the form stores work with: names and whole numbers only. */
export interface Rule {
  readonly name: string
  /** What `remaining` counts down from: the burst of a bucket, else the units per window. */
  readonly capacity: number
  /** Units per window as configured. */
  readonly limit: number
  readonly windowMs: number
  /** Both, as decisions show them: one object for all. */
  readonly rate: { readonly limit: number; readonly windowMs: number }
  readonly algorithm: Algorithm
  readonly terms: object
  /** Whose state it reads. */
  readonly identity: StateIdentity
  /** True for a limit of 0: everything is denied without asking the store. */
  readonly denies: boolean
  /** True for a rate that came with a call: a key holds at most five of a name, and a sixth is refused. */
  readonly byCall: boolean
}

/** How a rule comes to be, where that is not from a configuration. */
export interface RuleOrigin {
  /** Name of its state; the rule's own unless given. */
  readonly stateName?: string
  /** Whether its rate came with a call. */
  readonly byCall?: boolean
}

/** Custom algorithms by name, as registered with the limiter. */
export type Algorithms = ReadonlyMap<string, Algorithm>

/** Fields of a rule. */
export const ruleFields: readonly string[] = [
  'name',
  'algorithm',
  'limit',
  'burst',
  'segments',
  'align',
  'timezone',
]
const NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/

/** Compiles one rule; every mistake is an `invalid-rule` or `invalid-options` error naming `path`. */
export function compileRule(
  options: RuleOptions | string,
  path: string,
  custom: Algorithms = new Map(),
  { stateName, byCall = false }: RuleOrigin = {},
): Rule {
  const given: RuleOptions = typeof options === 'string' ? { limit: options } : options
  checkFields(given, ruleFields, path)
  if (given.limit === undefined) {
    throw invalid(path, 'a rule needs a limit, such as limit: "100/min"', 'invalid-rule')
  }
  const { limit, window } = parseRate(given.limit, `${path}.limit`)
  const { name = formatDuration(window.ms), burst = limit, segments = 10, timezone = 'UTC' } = given
  checkName(name, `${path}.name`)
  const algorithm = pick(given, path, custom)
  checkCount(burst, 'burst', given.burst === undefined ? 0 : 1, path)
  checkCount(segments, 'segments', 2, path, SEGMENTS_MAX)
  const rate = Object.freeze({ limit: unboxed(limit), windowMs: unboxed(window.ms) })
  const rule = { name, limit, windowMs: window.ms, rate, algorithm, byCall }
  const identityOf = (kind: string, of: string): StateIdentity => stateIdentity(stateName ?? name, kind, of)
  if (limit === 0) return { ...rule, capacity: 0, terms: {}, identity: identityOf('none', ''), denies: true }
  const terms = algorithm.compile({ name, limit, window, burst, segments, timezone, path })
  const identity = identityOf(algorithm.kind, algorithm.identity(terms))
  return { ...rule, capacity: unboxed(burst), terms, identity, denies: false }
}

function pick(given: RuleOptions, path: string, custom: Algorithms): Algorithm {
  const { algorithm: name = defaultAlgorithm(given.burst !== undefined), align } = given
  const plain = builtIns.get(name) ?? custom.get(name)
  if (plain === undefined || name.includes('@')) {
    const known = [...builtIns.keys(), ...custom.keys()].filter((one) => !one.includes('@'))
    throw wrong(name, `is not an algorithm${suggest(name, known)}`, `${path}.algorithm`, 'invalid-rule')
  }
  const aligned =
    align === undefined || !plain.options.includes('align') ? plain : builtIns.get(`${name}@${align}`)
  if (aligned === undefined) {
    const fix = 'use first-hit, epoch or calendar'
    throw wrong(align, `is not an alignment; ${fix}`, `${path}.align`, 'invalid-rule')
  }
  for (const field of ['burst', 'segments', 'align', 'timezone'] as const) {
    if (given[field] === undefined || aligned.options.includes(field)) continue
    const message = `${field} belongs to ${takersOf(field)}, not to ${name}; remove it or change the algorithm`
    throw invalid(`${path}.${field}`, message, 'invalid-rule')
  }
  return aligned
}

function takersOf(field: string): string {
  const [name = ''] = [...builtIns].find(([, { options }]) => options.includes(field)) ?? []
  return name.replace('@', ' with align: ')
}

function checkCount(value: unknown, field: string, least: number, path: string, most = Infinity): void {
  if (isWhole(value, least) && value <= most) return
  const range = most === Infinity ? `of ${least} or more` : `from ${least} to ${most}`
  throw wrong(value, `is not valid; ${field} is a whole number ${range}`, `${path}.${field}`, 'invalid-rule')
}

/** Checks a name of a rule or policy: it stands in headers, metric labels and stored state as it is. */
export function checkName(name: unknown, path: string): string {
  if (typeof name === 'string' && NAME.test(name)) return name
  const fix =
    'use up to 64 letters, digits, dots, dashes, underscores and slashes, beginning with a letter or digit'
  throw wrong(name, `is not a name; ${fix}`, path)
}
