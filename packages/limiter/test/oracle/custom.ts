import { defineAlgorithm } from '../../src/core/algorithms/custom.ts'
import { least, type Model, most, STATE_LIMIT } from './model.ts'
import type { Spec } from './spec.ts'

interface IdleState {
  readonly count: bigint
  readonly last: bigint
}

/** A custom algorithm for the tests: a window that ends after `window` without a spend. State is `count last`. */
export const idleWindow = defineAlgorithm({
  name: 'idle-window',
  words: 2,
  step([limit = 0, windowUs = 0], [found = 0, before = 0], now, cost, force) {
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
  return {
    kind: idleWindow.kind,
    identity: `${idleWindow.kind} ${limit} ${windowUs} ${burst}`,
    capacity: burst,
    quantum: 1n,
    fresh: { count: 0n, last: 0n },
    // Custom algorithms bring a state of the future back themselves; only a spend writes it.
    isAhead: () => false,
    forward({ count, last }, now) {
      const seen = least(last, now)
      return { count: seen + windowUs <= now ? 0n : count, last: seen }
    },
    wait: ({ count, last }, now, cost) => (count + cost <= limit ? 0n : last + windowUs - now),
    spend: ({ count }, now, cost) => ({ count: least(STATE_LIMIT, count + cost), last: now }),
    remaining: ({ count }) => most(0n, limit - count),
    reset: ({ count, last }, now) => (count === 0n ? 0n : last + windowUs - now),
    // What a custom algorithm reports is all that is known of it: debt does not carry over.
    used: ({ count }) => least(burst, count),
    refund: (state) => state,
    convert: () => null,
  }
}
