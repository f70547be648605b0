import { defineAlgorithm } from '../../src/core/algorithms/custom.ts'
import { least, type Model, STATE_LIMIT } from './model.ts'
import type { Spec } from './spec.ts'

interface IdleState {
  readonly count: bigint
  readonly last: bigint
  readonly spentAt: bigint
}

/** A custom algorithm for the tests: a window that ends after `window` without a spend. State is `count last`. */
export const idleWindow = defineAlgorithm({
  name: 'idle-window',
  words: 2,
  step({ terms: [limit = 0, windowUs = 0], state: [found = 0, before = 0], now, cost, force }) {
    let [count, last] = [found, Math.min(before, now)]
    if (now - last >= windowUs) count = 0
    const passes = count + cost <= limit
    if (cost > 0 && (passes || force)) {
      count = Math.min(2 ** 52, count + cost)
      last = now
    }
    const left = count === 0 ? 0 : last + windowUs - now
    return {
      state: [count, last],
      wait: passes ? 0 : left,
      remaining: Math.max(0, limit - count),
      reset: left,
    }
  },
  lua: `function(terms, state, now, cost, force)
  local limit, window = terms[1], terms[2]
  local count, last = state[1], math.min(state[2], now)
  if now - last >= window then count = 0 end
  local passes = count + cost <= limit
  if cost > 0 and (passes or force) then
    count = math.min(2 ^ 52, count + cost)
    last = now
  end
  local left = 0
  if count > 0 then left = last + window - now end
  local wait = left
  if passes then wait = 0 end
  return { count, last }, wait, math.max(0, limit - count), left
end`,
})

export function idleWindowModel({ limit, windowUs, burst }: Spec): Model<IdleState> {
  const fresh: IdleState = { count: 0n, last: 0n, spentAt: 0n }
  return {
    kind: idleWindow.kind,
    capacity: burst,
    quantum: 1n,
    fresh,
    // Custom algorithms bring a state of the future back themselves; only a spend writes it.
    isFuture: () => false,
    advance({ count, last, spentAt }, now) {
      const seen = least(last, now)
      return seen + windowUs <= now ? fresh : { count, last: seen, spentAt }
    },
    recoversAt: ({ count, last }) => (count === 0n ? 0n : last + windowUs),
    spentAt: ({ spentAt }) => spentAt,
    wait: ({ count, last }, now, cost) => (count + cost <= limit ? 0n : last + windowUs - now),
    spend: ({ count }, now, cost) => ({ count: least(STATE_LIMIT, count + cost), last: now, spentAt: now }),
    // What a custom algorithm reports is all that is known of it, and it reports no debt.
    used: ({ count }) => least(burst, count),
    standing: () => ({ stood: 0n, since: 0n }),
    refund: (state) => ({ state, amount: 0n, units: 0n }),
    credit: (state) => ({ state, amount: 0n, units: 0n }),
  }
}
