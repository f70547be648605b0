import type { Algorithm, RuleSpec } from './algorithm.ts'
import { builtIns, defaultAlgorithm } from './algorithms/registry.ts'
import { SEGMENTS_MAX } from './algorithms/sliding-window.ts'
import { unboxed } from './arithmetic.ts'
import { formatDuration } from './duration.ts'
import { invalid, wrong, wrongRule } from './errors.ts'
import { parseRate, type Rate } from './rate.ts'
import { type StateIdentity, stateIdentity } from './state-identity.ts'
import { checkFields, isWhole, suggest } from './validate.ts'

/** One limit with its algorithm. Without `algorithm` it is a sliding window, or with `burst` a token bucket. */
export interface RuleOptions {
  /**
   * Name of the rule in decisions, headers and stored state; at most 64 characters. Under the same name, algorithm and window
   * (for a bucket: rate) the state is kept when other options change.
   * @default the window, such as `1m`
   */
  readonly name?: string
  /**
   * `sliding-window`, `sliding-log`, `fixed-window`, `token-bucket`, or the name of a custom algorithm. `gcra` and
   * `leaky-bucket` are other names of `token-bucket`.
   * @default 'sliding-window', or 'token-bucket' when `burst` is given
   */
  readonly algorithm?: string
  /** Units per window: `100/min` is 100 units per window of 60 s. A limit of 0 denies everything. */
  readonly limit: Rate
  /**
   * Most units that can pass at one instant, the capacity of a bucket: with `100/min` and burst 20, 20 pass at once and then
   * one every 600 ms. Buckets and custom algorithms only.
   * @default the limit
   */
  readonly burst?: number
  /**
   * Segments of a sliding window: with `100/min` and 10, units are counted per 6 s. More segments take more memory and come
   * closer to an exact log.
   * @default 10
   */
  readonly segments?: number
  /**
   * When a fixed window begins: with the first spend, at a multiple of its length since the Unix epoch, or with a minute,
   * hour, day, week, month or year of `timezone`.
   * @default 'first-hit'
   */
  readonly align?: 'first-hit' | 'epoch' | 'calendar'
  /**
   * IANA time zone for `align: 'calendar'`, such as `Europe/Paris`.
   * @default 'UTC'
   */
  readonly timezone?: string
}

/** A compiled rule, as stores use it: names and whole numbers only. */
export interface Rule {
  readonly name: string
  /** The largest cost that can pass, and what `remaining` counts down from: 20 for `100/min` with burst 20, else the limit. */
  readonly capacity: number
  /** Units per window as configured: 100 for `100/min`. */
  readonly limit: number
  /** Length of the window in milliseconds: 60000 for `100/min`. */
  readonly windowMs: number
  /** Limit and window as decisions show them; one object that all decisions share. */
  readonly rate: { readonly limit: number; readonly windowMs: number }
  readonly algorithm: Algorithm
  /** What the algorithm compiled the rule to, see `Algorithm.compile`. */
  readonly terms: object
  /** What it was compiled from: plain data, of which the same algorithm makes the same terms again. */
  readonly spec: RuleSpec
  /** Identity of the state that it reads and writes. */
  readonly identity: StateIdentity
  /** True for a limit of 0: everything is denied without the store. */
  readonly denies: boolean
  /** True for a rate that came with a call: of one name, a key holds at most five, and the store refuses a sixth. */
  readonly byCall: boolean
  /** True for a rule in shadow: it denies nothing, and spends where it itself passes and the decision admits the request. */
  readonly shadow: boolean
}

/** What a rule may name, and where it comes from if not from a configuration. */
export interface RuleContext {
  /** Custom algorithms by name, as registered with the limiter. */
  readonly algorithms?: Algorithms
  /**
   * Name in the identity of its state.
   * @default the name of the rule
   */
  readonly stateName?: string
  /**
   * Whether its rate came with a call.
   * @default false
   */
  readonly byCall?: boolean
}

/** Custom algorithms by name. */
export type Algorithms = ReadonlyMap<string, Algorithm>

/** Names of all fields of {@link RuleOptions}. */
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

/** Compiles one rule; every mistake is an `invalid-rule` or `invalid-options` error with its path below `path`. */
export function compileRule(
  options: RuleOptions | string,
  path: string,
  { algorithms: custom = new Map(), stateName, byCall = false }: RuleContext = {},
): Rule {
  const given: RuleOptions = typeof options === 'string' ? { limit: options } : options
  checkFields(given, ruleFields, path)
  if (given.limit === undefined) {
    throw invalid(path, 'a rule needs a limit, such as limit: "100/min"', 'invalid-rule')
  }
  const { limit, window } = parseRate(given.limit, `${path}.limit`)
  const { name = formatDuration(window.ms), burst = limit, segments = 10, timezone = 'UTC' } = given
  checkName(name, `${path}.name`)
  const algorithm = findAlgorithm(given, path, custom)
  checkCount(burst, 'burst', { path, min: given.burst === undefined ? 0 : 1 })
  checkCount(segments, 'segments', { path, min: 2, max: SEGMENTS_MAX })
  const spec = { name, limit, window, burst, segments, timezone, path }
  return ruleOf(spec, algorithm, { ...(stateName !== undefined && { stateName }), byCall })
}

/** The rule that an algorithm makes of checked options. */
export function ruleOf(
  spec: RuleSpec,
  algorithm: Algorithm,
  { stateName = spec.name, byCall = false }: Pick<RuleContext, 'stateName' | 'byCall'> = {},
): Rule {
  const { name, limit, window, burst } = spec
  const rate = Object.freeze({ limit: unboxed(limit), windowMs: unboxed(window.ms) })
  const rule = { name, limit, windowMs: window.ms, rate, algorithm, spec, byCall, shadow: false }
  if (limit === 0) {
    return { ...rule, capacity: 0, terms: {}, identity: stateIdentity(stateName, 'none', ''), denies: true }
  }
  const terms = algorithm.compile(spec)
  const identity = stateIdentity(stateName, algorithm.kind, algorithm.identity(terms))
  return { ...rule, capacity: unboxed(burst), terms, identity, denies: false }
}

/** The algorithm that a rule names; an alignment is an algorithm of its own, registered as `name@align`. */
function findAlgorithm(given: RuleOptions, path: string, custom: Algorithms): Algorithm {
  const { algorithm: name = defaultAlgorithm(given.burst !== undefined), align } = given
  const unaligned = builtIns.get(name) ?? custom.get(name)
  if (unaligned === undefined || name.includes('@')) {
    const names = [...builtIns.keys(), ...custom.keys()].filter((known) => !known.includes('@'))
    throw wrongRule(name, `is not an algorithm${suggest(name, names)}`, `${path}.algorithm`)
  }
  const aligned =
    align === undefined || !unaligned.options.includes('align') ? unaligned : builtIns.get(`${name}@${align}`)
  if (aligned === undefined) {
    const fix = 'use first-hit, epoch or calendar'
    throw wrongRule(align, `is not an alignment; ${fix}`, `${path}.align`)
  }
  for (const field of ['burst', 'segments', 'align', 'timezone'] as const) {
    if (given[field] === undefined || aligned.options.includes(field)) continue
    const message = `${field} belongs to ${algorithmWith(field)}, not to ${name}; remove it or change the algorithm`
    throw invalid(`${path}.${field}`, message, 'invalid-rule')
  }
  return aligned
}

function algorithmWith(field: string): string {
  const [name = ''] = [...builtIns].find(([, { options }]) => options.includes(field)) ?? []
  return name.replace('@', ' with align: ')
}

function checkCount(
  value: unknown,
  field: string,
  { path, min, max = Infinity }: { readonly path: string; readonly min: number; readonly max?: number },
): void {
  if (isWhole(value, min) && value <= max) return
  const range = max === Infinity ? `of ${min} or more` : `from ${min} to ${max}`
  throw wrongRule(value, `is not valid; ${field} is a whole number ${range}`, `${path}.${field}`)
}

/** Checks the name of a rule or policy, which headers, metric labels and stored state contain without escaping. */
export function checkName(name: unknown, path: string): string {
  if (typeof name === 'string' && NAME.test(name)) return name
  const fix =
    'use up to 64 letters, digits, dots, dashes, underscores and slashes, beginning with a letter or digit'
  throw wrong(name, `is not a name; ${fix}`, path)
}
