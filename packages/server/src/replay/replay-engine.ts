import {
  createLimiter,
  type Limiter,
  type MemoryStats,
  memoryStore,
  type PolicyOptions,
  type SyncStore,
  type Who,
} from 'headgate'
import type { Configuration } from '../service/configuration.ts'
import { wrongUsage } from '../service/describe-failure.ts'
import { LimitDomains } from '../service/envoy/limit-domains.ts'
import { ALL_GATES, GATE_ATTRIBUTE, Gates, outcomeGate } from '../service/gates.ts'
import type { OutcomePolicy } from '../service/proxy-settings/proxy-settings.ts'
import { attributesOfRecorded } from '../service/record/recorded-attributes.ts'
import type { PlayedRequest } from './played-request.ts'

/** Most keys with a record of their own. */
export const MAX_KEYS = 1_000_000

/** What an engine is made of. */
export interface ReplayEngineOptions {
  readonly configuration: Configuration
  /**
   * Names of the policies that are played.
   * @default all of them
   */
  readonly only?: readonly string[]
  /**
   * Most keys with a record of their own; later ones share budgets, so that some of them may be denied falsely.
   * @default 1000000
   */
  readonly maxKeys?: number
}

/** One question that a request asks of the engine. */
export interface Ask {
  /** What it has as the attribute of gates; null where there are none. */
  readonly gate: string | null
  /** Where the response decides what it counts. */
  readonly outcome: OutcomePolicy | null
}

/** The limiter of a configuration as the service makes it, but in memory, and by a clock that is set. */
export interface ReplayEngine {
  readonly limiter: Limiter<SyncStore>
  /** What each request asks, in order: what is of one stage together. A denial ends it, and gives back what was spent before. */
  readonly stages: readonly (readonly Ask[])[]
  /** In microseconds since 1970. */
  setTime(us: number): void
  /** The attributes of a request as policies see them. */
  readonly whoOf: (request: PlayedRequest, gate: string | null) => Who
  stats(): MemoryStats
  close(): Promise<void>
}

/** Makes one; no store that the configuration names is contacted. */
export function createReplayEngine({
  configuration,
  only,
  maxKeys = MAX_KEYS,
}: ReplayEngineOptions): ReplayEngine {
  let now = 0
  const clock = { now: () => now, after: () => () => {}, timerSlackMs: 0 }
  const store = memoryStore({ clock, maxKeys })
  const gates = new Gates(configuration)
  const { hashKeys } = configuration
  const limiter = createLimiter({
    policies: gates.policies.filter(({ name }) => only?.includes(name) ?? true).map(inMemory),
    ...gates.lists,
    store,
    clock,
    ...(hashKeys && { hashKeys: { secret: hashKeys.secret.export() } }),
  })
  return {
    limiter,
    stages: stagesOf(configuration, gates, only),
    setTime: (us) => {
      now = us
    },
    whoOf: whoBy(configuration),
    stats: () => store.stats(),
    close: async () => {
      await limiter.close()
      await store.close()
    },
  }
}

/** All budgets are in one store: names of policies tell them apart. */
function inMemory({ store: _, ...policy }: PolicyOptions): PolicyOptions {
  return policy
}

/**
 * Where no response decides, both gates of a proxy are one: a denial at the second gives back what was spent at the first. Bans tell them
 * apart: what is denied at the first is no offence at the second.
 */
function stagesOf(
  { proxy, policies }: Configuration,
  gates: Gates,
  only: readonly string[] | undefined,
): (readonly Ask[])[] {
  if (proxy === undefined) return [[{ gate: null, outcome: null }]]
  const isPlayed = (name: string): boolean => only?.includes(name) ?? true
  const outcomes = proxy.outcomes.filter(({ policy }) => isPlayed(policy))
  const late = outcomes.find(({ costField }) => costField !== null)
  if (late !== undefined) throw lateCost(late)
  const bans = policies.some(({ name, ban = [] }) => isPlayed(name) && ban.length > 0)
  if (outcomes.length === 0 && !bans) return [[{ gate: ALL_GATES, outcome: null }]]
  const stages = (['address', 'principal'] as const).map((gate): Ask[] => {
    const settled = gates.outcomes[gate].filter(({ policy }) => isPlayed(policy))
    const plain = gates.has(gate) ? [{ gate, outcome: null }] : []
    return [...plain, ...settled.map((outcome) => ({ gate: outcomeGate(outcome.policy), outcome }))]
  })
  const asked = stages.filter((stage) => stage.length > 0)
  return asked.length === 0 ? [[{ gate: ALL_GATES, outcome: null }]] : asked
}

function lateCost({ policy, costField }: OutcomePolicy): Error {
  const why = `policy ${policy} costs what the response says in ${costField}, which is in no log`
  return wrongUsage(`${why}; name the policies to play with --only, without this one`)
}

function whoBy(configuration: Configuration): ReplayEngine['whoOf'] {
  const domains = new LimitDomains(configuration.domains)
  const isFolded = configuration.proxy?.paths.ignoreCase === true
  const complete = (played: PlayedRequest['who']): Who => {
    const who = withEntries(played)
    return domains.isEmpty ? who : domains.complete(who)
  }
  return ({ who }, gate) => {
    if (gate === null) return complete(who)
    const { path } = who
    const lower = isFolded && path !== undefined ? { path: path.toLowerCase() } : {}
    return complete({ ...who, ...lower, [GATE_ATTRIBUTE]: gate })
  }
}

/** Descriptors are text in a log; what is none is left to the limiter, which refuses it. */
function withEntries(who: PlayedRequest['who']): Who {
  if (who['descriptor'] === undefined) return who
  try {
    return attributesOfRecorded({ attributes: who })
  } catch {
    return who
  }
}
