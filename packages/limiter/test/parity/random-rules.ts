import { HeadgateError } from '../../src/core/errors.ts'
import {
  type Algorithms,
  compileRule,
  type Rule,
  type RuleContext,
  type RuleOptions,
} from '../../src/core/rule.ts'
import { idleWindow } from '../oracle/custom.ts'
import type { Random } from './random.ts'

/** The numbers of a rule, before it is compiled; windows in milliseconds. */
export interface Draft {
  readonly name: string
  readonly algorithm: string
  readonly limit: number
  readonly window: number
  readonly burst: number
  readonly segments: number
  readonly align: 'first-hit' | 'epoch' | 'calendar'
  readonly unit: string
  readonly timezone: string
}

/** How long the windows of an episode are, so that its keys meet each other's edges. */
export const scales: readonly (readonly number[])[] = [
  [1, 2, 3, 7, 10, 50],
  [100, 250, 1000, 1500, 3000],
  [1000, 7000, 10_000, 60_000, 61_000],
  [60_000, 900_000, 3_600_000, 86_400_000],
  [86_400_000, 604_800_000, 2_592_000_000, 31_536_000_000, 315_360_000_000],
]

const algorithms = [
  'token-bucket',
  'token-bucket',
  'fixed-window',
  'sliding-window',
  'sliding-window',
  'sliding-log',
  idleWindow.kind,
]
const limits = [
  1, 1, 2, 3, 3, 5, 7, 10, 13, 60, 100, 999, 1000, 1009, 65_536, 1_000_000, 1_000_003, 999_999_937,
]
const zones = [
  'UTC',
  'Africa/Cairo',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'America/New_York',
  'Asia/Kathmandu',
]
const units = ['minute', 'hour', 'day', 'week', 'month', 'year']

const customAlgorithms: Algorithms = new Map([[idleWindow.kind, idleWindow]])

export function draftRule(random: Random, name: string, scale: number): Draft {
  if (random.percent(12)) return coarseRule(random, name, scale)
  const limit = random.percent(70) ? random.pick(limits.slice(0, 12)) : random.pick(limits)
  return {
    name,
    algorithm: random.pick(algorithms),
    limit,
    window: random.pick(scales[scale] ?? []),
    burst: random.pick([limit, limit, 1, 2, limit + 1, limit * 2, random.between(1, 100)]),
    segments: random.pick([10, 10, 2, 3, 4, 7, 60, 1000]),
    align: random.pick(['first-hit', 'epoch', 'calendar']),
    unit: random.pick(units.slice(0, scale + 2)),
    timezone: random.pick(zones),
  }
}

/** A rule whose products fit whole numbers only in milliseconds or in seconds. */
function coarseRule(random: Random, name: string, scale: number): Draft {
  const limit = random.pick([3_000_000_019, 2_250_000_017, 20_000_000_000])
  return {
    name,
    algorithm: 'token-bucket',
    limit,
    window: random.pick([1000, 60_000, scales[scale]?.at(-1) ?? 1000]),
    burst: random.pick([limit, limit, limit + 1, 2_300_000_000]),
    segments: 10,
    align: 'first-hit',
    unit: 'day',
    timezone: 'UTC',
  }
}

/** The same rule, changed as configurations are: by one, by a lot, in its window, in its algorithm. */
export function changeRule(random: Random, draft: Draft, scale: number): Draft {
  const other = draftRule(random, draft.name, scale)
  const by = random.pick([1, 1, 2, 10, draft.limit * 999, 1_000_000])
  const up = (n: number): number => Math.min(n + by, 2 ** 50)
  const down = (n: number): number => Math.max(1, n - by)
  const changes: readonly Partial<Draft>[] = [
    { limit: up(draft.limit) },
    { limit: down(draft.limit) },
    { limit: up(draft.limit), burst: up(draft.burst) },
    { limit: down(draft.limit), burst: down(draft.burst) },
    { burst: up(draft.burst) },
    { burst: down(draft.burst) },
    { window: other.window },
    { window: draft.window + 1 },
    { segments: other.segments },
    { algorithm: other.algorithm },
    { align: other.align, unit: other.unit, timezone: other.timezone },
  ]
  return random.percent(10) ? other : { ...draft, ...random.pick(changes) }
}

/** The same rule in another window or, of a bucket, at another rate: as by an override or with a call. */
export function moveWindow(random: Random, draft: Draft, scale: number): Draft {
  const window = random.pick([...(scales[scale] ?? []), draft.window + random.below(9)])
  return {
    ...draft,
    window,
    limit: random.percent(50) ? draft.limit : Math.min(1000, draft.limit + random.below(9)),
  }
}

/** The compiled rule; null when its numbers do not fit whole numbers. */
export function compileDraft(draft: Draft, origin: RuleContext = {}): Rule | null {
  try {
    return compileRule(optionsOf(draft), 'rule', { algorithms: customAlgorithms, ...origin })
  } catch (error) {
    if (HeadgateError.is(error) && error.code === 'invalid-rule') return null
    throw error
  }
}

function optionsOf({
  name,
  algorithm,
  limit,
  window,
  burst,
  segments,
  align,
  unit,
  timezone,
}: Draft): RuleOptions {
  const rate = { limit, window }
  if (algorithm === 'token-bucket') return { name, algorithm, limit: rate, burst }
  if (algorithm === 'sliding-window') return { name, algorithm, limit: rate, segments }
  if (algorithm !== 'fixed-window') return { name, algorithm, limit: rate }
  if (align !== 'calendar') return { name, algorithm, limit: rate, align }
  return { name, algorithm, limit: { limit, window: unit }, align, timezone }
}
