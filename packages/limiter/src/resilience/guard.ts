import { checkResilience } from '../core/check-resilience.ts'
import type { Clock } from '../core/clock.ts'
import type { Source } from '../core/decision.ts'
import type { GuardedStore, GuardOptions } from '../core/guarded-store.ts'
import { type AtOnceStore, clockOf, isClearable, isProbed, type Store } from '../core/store.ts'
import { DEADLINE_MS } from '../core/store-timeout.ts'
import { outageWarning } from './breaker/outage-warning.ts'
import { expiryClock, monotonicClock, unrefClock } from './clocks.ts'
import { withAnswerTime } from './deadline/answer-time.ts'
import { Denials } from './deny-cache/denials.ts'
import { cacheDenials, DENIALS_MAX } from './deny-cache/deny-cache.ts'
import { fallingBack } from './fallback/fallback.ts'
import { FallbackDecider } from './fallback/fallback-decider.ts'
import { countedReplicas, fixedReplicas, type Replicas } from './fallback/replicas.ts'
import { LatencyHistogram } from './latency-histogram.ts'
import type { FailureDecider } from './leases/lease-refiller.ts'
import { withLeases } from './leases/leases.ts'
import { GuardedParts } from './part-breakers.ts'
import { afterClear } from './store-clearing.ts'
import { beforeClose, closeStore } from './store-closing.ts'
import { worstOf } from './worst-health.ts'

/**
 * Puts everything between a limiter and a store that can fail: see the list of layers. The answer time is outside the
 * breakers: callers with short deadlines must not open one, and a store that hangs must even if its callers have gone.
 */
export function guard(store: Store, options: GuardOptions): GuardedStore & AtOnceStore {
  checkResilience(options)
  const {
    deadlineMs = DEADLINE_MS,
    onStoreError = 'local',
    replicas: wanted = 'auto',
    minReplicas = 1,
  } = options
  const clock = options.clock ?? monotonicClock
  const background = options.clock ?? unrefClock
  const latency = new LatencyHistogram()
  const parts = new GuardedParts(store, {
    deadlineMs,
    clock,
    background,
    onAnswer: latency.record,
    onRefunded: (keys) => denials.forget(keys),
    warning: outageWarning,
  })
  // Leases and denials must also expire while the machine is suspended. A store in this process decides by its own
  // clock.
  const expiry = options.clock ?? (parts.breakers.length > 0 ? undefined : clockOf(store)) ?? expiryClock()
  const denials = new Denials(DENIALS_MAX, expiry)
  const replicas = replicasOf(parts.store, { wanted, min: minReplicas, clock: background })
  const local = options.local()
  const decider = new FallbackDecider({ local, onStoreError, replicas: replicas.count, clock })
  const { decisions } = decider
  const count = (source: Source): void => {
    // A named property, which is faster, for the source of nearly all decisions counted here.
    if (source === 'lease') decisions.lease++
    else if (source !== 'none') decisions[source]++
  }
  const timed = withAnswerTime(parts.store, { clock })
  const onFailure: FailureDecider = (verb, requests, reason) => decider.answer(verb, requests, reason)
  // From the outside in. Inside `timed` each part has a breaker and a deadline.
  const leases = layered(
    timed,
    (inner) =>
      withLeases(inner, { clock: expiry, timers: background, deadlineMs, onAnswer: count, onFailure }),
    (inner) => cacheDenials(inner, denials, () => count('deny-cache')),
    (inner) => fallingBack(inner, decider, local),
  )
  const endClearing = afterClear(store, async () => {
    denials.forgetAll()
    await leases.release()
    if (isClearable(local)) await local.clear()
  })
  let forget = (): void => {}
  const stop = async (): Promise<void> => {
    forget()
    endClearing()
    const released = leases.release()
    for (const one of [parts, timed, replicas]) one.stop()
    await released
  }
  forget = beforeClose(store, stop)
  return {
    ...leases,
    decide(verb, requests, decideOptions) {
      replicas.start(() => decider.warmUp())
      return leases.decide(verb, requests, decideOptions)
    },
    health() {
      const each = parts.breakers.map((breaker) => breaker.health())
      return {
        ...worstOf(each),
        parts: each,
        decisions: { ...decisions },
        overloads: decider.overloads,
        latency: latency.view(clock.now()),
        replicas: replicas.count(),
      }
    },
    forget(keys) {
      denials.forget(keys)
      leases.forget(keys)
    },
    forgetDenials: (keys) => denials.forget(keys),
    stop,
    async close() {
      await stop()
      await closeStore(store)
    },
  }
}

type Layer<T extends Store = Store> = (inner: Store) => T

/** Wraps a store in layers, the first of which is the outermost. */
function layered<T extends Store>(store: Store, outermost: Layer<T>, ...rest: readonly Layer[]): T {
  return outermost(rest.reduceRight((inner, layer) => layer(inner), store))
}

interface ReplicasWanted {
  readonly wanted: number | 'auto'
  /** Least of those that are counted. */
  readonly min: number
  readonly clock: Clock
}

function replicasOf(store: Store, { wanted, min, clock }: ReplicasWanted): Replicas {
  if (wanted !== 'auto') return fixedReplicas(wanted)
  if (!isProbed(store)) return fixedReplicas(min)
  const heartbeat = (id: string, lifetimeMs: number): Promise<number> => store.heartbeat(id, lifetimeMs)
  return countedReplicas(heartbeat, { min, clock, random: Math.random })
}
