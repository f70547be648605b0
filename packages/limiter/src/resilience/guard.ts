import type { Clock } from '../core/clock.ts'
import type { Source } from '../core/decision.ts'
import { invalid, show } from '../core/errors.ts'
import type { GuardedStore, GuardOptions } from '../core/guard.ts'
import type { Health } from '../core/health.ts'
import { checkOnStoreError } from '../core/policy.ts'
import { SplitStore } from '../core/split-store.ts'
import type { Store } from '../core/store.ts'
import { isWhole } from '../core/validate.ts'
import { type Breaker, withBreaker } from './breaker.ts'
import { checkAtLeast } from './check.ts'
import { DEADLINE_MS, withDeadline } from './deadline.ts'
import { type DenyCache, withDenyCache } from './deny-cache.ts'
import { withFallback } from './fallback.ts'
import { worstOf } from './health.ts'
import { Latency } from './latency.ts'
import { withLeases } from './leases.ts'
import { countedReplicas, fixedReplicas, type Replicas } from './replicas.ts'
import { backgroundClock, lapseClock, steadyClock } from './steady-clock.ts'
import type { Stoppable } from './wrapping.ts'

/**
 * Everything between a limiter and a store that can fail, from the outside in: leases, the deny cache, fallback, the
 * caller's deadline, a breaker for each part of the store, and the deadline of each call. The caller's deadline lies
 * outside the breaker, so that impatient callers do not open it, and a frozen store does although they left.
 */
export function guard(store: Store, options: GuardOptions): GuardedStore {
  check(options)
  const { deadlineMs = DEADLINE_MS, onStoreError = 'local', replicas: wanted = 'auto' } = options
  const pressing = options.clock ?? steadyClock
  const background = options.clock ?? backgroundClock
  const latency = new Latency()
  const stoppables: Stoppable[] = []
  const stoppable = <T extends Stoppable>(one: T): T => {
    stoppables.push(one)
    return one
  }
  const breakers: Breaker[] = []
  const guardPart = (part: Store): Store => {
    if (part.synchronous) return part
    const { parts, partOf } = part
    // Each with a breaker of its own, so that only the keys of a failing part are decided otherwise.
    if (parts && partOf) {
      return new SplitStore(parts.map(guardPart), partOf.bind(part), (asks) => denying.forget(asks))
    }
    const timed = stoppable(withDeadline(part, { deadlineMs, clock: pressing, onAnswer: latency.record }))
    const breaker = stoppable(withBreaker(timed, { clock: background }))
    breakers.push(breaker)
    return breaker
  }
  const whole = guardPart(store)
  // A decision across parts is several calls one after another, and has one deadline all the same.
  const callMs = store.parts === undefined ? Number.POSITIVE_INFINITY : deadlineMs
  const bounded = stoppable(withDeadline(whole, { deadlineMs: callMs, clock: pressing }))
  // One ask is one call of one part, which has that deadline already: it need not be watched twice.
  const patient: Store = {
    ...bounded,
    decide: (verb, asks, callerMs) =>
      (asks.length === 1 && callerMs === undefined ? whole : bounded).decide(verb, asks, callerMs),
  }
  const replicas = stoppable(replicasOf(wanted, whole, background, () => answering.rehearse()))
  const answering = withFallback(patient, {
    local: options.local(),
    onStoreError,
    replicas: replicas.count,
    clock: pressing,
  })
  const { decisions } = answering
  // A suspended machine lets leases and denials end all the same.
  const clock = options.clock ?? lapseClock()
  const count = (source: Source): void => {
    // By name, for the sake of speed, what comes with every decision.
    if (source === 'lease') decisions.lease++
    else if (source !== 'none') decisions[source]++
  }
  const denying: DenyCache = withDenyCache(answering, { clock, onAnswer: () => count('deny-cache') })
  const leases = withLeases(denying, { clock, timers: background, deadlineMs, onAnswer: count })
  const stop = async (): Promise<void> => {
    const released = leases.release()
    for (const one of stoppables) one.stop()
    await released
  }
  return {
    ...leases,
    decide(verb, asks, callerMs) {
      replicas.start()
      return leases.decide(verb, asks, callerMs)
    },
    health(): Health {
      const parts = breakers.map((breaker) => breaker.health())
      return {
        ...worstOf(parts),
        parts,
        decisions: { ...decisions },
        latency: latency.view(pressing.now()),
        replicas: replicas.count(),
      }
    },
    stop,
    async close() {
      await stop()
      await store.close()
    },
  }
}

function replicasOf(wanted: number | 'auto', store: Store, clock: Clock, onAnswer: () => void): Replicas {
  if (wanted !== 'auto') return fixedReplicas(wanted)
  const heartbeat = store.heartbeat?.bind(store)
  return heartbeat === undefined
    ? fixedReplicas(1)
    : countedReplicas(heartbeat, { clock, random: Math.random, onAnswer })
}

function check({ onStoreError, deadlineMs, replicas = 'auto' }: GuardOptions): void {
  checkOnStoreError(onStoreError, 'options.onStoreError')
  if (deadlineMs !== undefined) checkAtLeast(deadlineMs, 1, 'options.deadlineMs')
  if (deadlineMs === Number.POSITIVE_INFINITY) {
    throw invalid('options.deadlineMs', 'Infinity is no deadline; every decision has one')
  }
  if (replicas === 'auto' || isWhole(replicas, 1)) return
  const fix = 'use "auto" or a whole number of 1 or more'
  throw invalid('options.replicas', `${show(replicas)} is not a number of processes; ${fix}`)
}
