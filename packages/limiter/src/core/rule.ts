import type { Algorithm } from './algorithm.ts'
import { bucket } from './algorithms/bucket.ts'
import { calendarWindow, epochWindow, firstHitWindow } from './algorithms/fixed-window.ts'
import { slidingLog } from './algorithms/sliding-log.ts'
import { slidingWindow } from './algorithms/sliding-window.ts'
import { unboxed } from './arithmetic.ts'
import { formatDuration } from './duration.ts'
import { invalid, wrong } from './errors.ts'
import { parseRate, type Rate } from './rate.ts'
import { checkFields, isWhole } from './validate.ts'

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
  readonly algorithm: Algorithm
  readonly terms: object
  /** One line that says all of it, for the store: `name kind words` and five terms. */
  readonly line: string
  /** False for a limit of 0: everything is denied without asking the store. */
  readonly open: boolean
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
const builtIns: Algorithms = new Map<string, Algorithm>([
  ['token-bucket', bucket],
  ['gcra', bucket],
  ['leaky-bucket', bucket],
  ['fixed-window', firstHitWindow],
  ['sliding-window', slidingWindow],
  ['sliding-log', slidingLog],
])
const alignments: readonly Algorithm[] = [
  firstHitWindow,
  epochWindow,
  calendarWindow,
] as readonly Algorithm<object>[]
const NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$/
const SEGMENTS_MAX = 60

/** Whether an algorithm of ours has this name in rules or in state. */
export function isBuiltIn(name: string): boolean {
  return builtIns.has(name) || [...builtIns.values(), ...alignments].some(({ kind }) => kind === name)
}

/** Compiles one rule; every mistake is an `invalid-rule` or `invalid-options` error naming `path`. */
export function compileRule(
  options: RuleOptions | string,
  path: string,
  custom: Algorithms = new Map(),
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
  const closed = {
    name,
    capacity: 0,
    limit,
    windowMs: window.ms,
    algorithm,
    terms: {},
    line: '',
    open: false,
  }
  if (limit === 0) return closed
  const terms = algorithm.compile({ name, limit, window, burst, segments, timezone, path })
  const five = [...algorithm.fields(terms), 0, 0, 0, 0, 0].slice(0, 5)
  return {
    ...closed,
    capacity: unboxed(burst),
    terms,
    line: [name, algorithm.kind, algorithm.words(terms), ...five]
      .concat(algorithm.extra?.(terms) ?? [])
      .join(' '),
    open: true,
  }
}

function pick(given: RuleOptions, path: string, custom: Algorithms): Algorithm {
  const { algorithm: name = given.burst === undefined ? 'sliding-window' : 'token-bucket', align } = given
  const algorithm = builtIns.get(name) ?? custom.get(name)
  if (algorithm === undefined) {
    const known = [...builtIns.keys(), ...custom.keys()].join(', ')
    throw wrong(name, `is not an algorithm; use one of ${known}`, `${path}.algorithm`, 'invalid-rule')
  }
  const belongs = [
    ['burst', 'token-bucket', algorithm === bucket || algorithm.custom],
    ['segments', 'sliding-window', algorithm === slidingWindow],
    ['align', 'fixed-window', algorithm === firstHitWindow],
    ['timezone', 'fixed-window with align: calendar', align === 'calendar'],
  ] as const
  for (const [field, wanted, fits] of belongs) {
    if (given[field] === undefined || fits) continue
    const message = `${field} belongs to ${wanted}, not to ${name}; remove it or change the algorithm`
    throw invalid(`${path}.${field}`, message, 'invalid-rule')
  }
  const aligned = align === undefined ? algorithm : alignments.find(({ kind }) => kind === align)
  if (aligned !== undefined) return aligned
  throw wrong(align, 'is not an alignment; use first-hit, epoch or calendar', `${path}.align`, 'invalid-rule')
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
