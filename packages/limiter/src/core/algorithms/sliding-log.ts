import { type Algorithm, NEVER, type State, word } from '../algorithm.ts'
import { STATE_MAX } from '../arithmetic.ts'
import { invalid } from '../errors.ts'

/** Terms of a sliding log. */
export interface LogTerms {
  readonly limit: number
  readonly windowUs: number
}

/** Largest limit of a sliding log: its memory grows with the limit. */
const LOG_LIMIT_MAX = 1000

/**
 * Sliding log: N in any window, exactly. State is the count of the numbers that follow, then `time units` of every
 * spend, oldest first. For small N, since a key takes O(N) memory.
 */
export const slidingLog: Algorithm<LogTerms> = {
  kind: 'sliding-log',

  compile({ limit, window, path }) {
    if (limit <= LOG_LIMIT_MAX) return { limit, windowUs: window.ms * 1000 }
    const fix = `a log keeps every spend; above ${LOG_LIMIT_MAX} use sliding-window`
    throw invalid(path, `limit ${limit} is too large for a sliding-log; ${fix}`, 'invalid-rule')
  },

  fields: (t) => [t.limit, t.windowUs],
  words: () => 0,

  ahead(_, state, o, now) {
    const count = word(state, o)
    return count > 0 && word(state, o + count - 1) > now
  },

  judge(t, state, o, now, cost) {
    roll(t, state, o, now)
    if (cost > t.limit) return NEVER
    let excess = total(state, o) + cost - t.limit
    for (let i = o + 1; excess > 0; i += 2) {
      excess -= word(state, i + 1)
      if (excess <= 0) return word(state, i) + t.windowUs - now
    }
    return 0
  },

  spend(t, state, o, now, cost) {
    const units = Math.min(cost, STATE_MAX - total(state, o))
    if (units === 0) return
    const count = word(state, o)
    const last = o + count - 1
    // Debt may add spends beyond the limit; then the newest one moves forward, which only lengthens the wait.
    if (count > 0 && (word(state, last) === now || count >= 2 * t.limit)) {
      state[last] = now
      state[last + 1] = word(state, last + 1) + units
      return
    }
    state[o + count + 1] = now
    state[o + count + 2] = units
    state[o] = count + 2
  },

  reset(t, state, o, now) {
    const count = word(state, o)
    return count === 0 ? 0 : word(state, o + count - 1) + t.windowUs - now
  },

  used: (_, state, o) => total(state, o),

  refund(_, state, o, _now, cost, mark) {
    const end = o + word(state, o)
    for (let i = o + 1; i < end; i += 2) {
      if (word(state, i) !== mark.takenAtUs) continue
      const left = Math.max(0, word(state, i + 1) - cost)
      state[i + 1] = left
      if (left === 0) remove(state, o, i, 2)
      return
    }
  },

  convert(_from, source, _to, target, o) {
    const count = word(source, 0)
    for (let i = 0; i <= count; i++) target[o + i] = word(source, i)
    return true
  },
}

function roll(t: LogTerms, state: State, o: number, now: number): void {
  const end = o + word(state, o)
  let expired = 0
  for (let i = o + 1; i < end; i += 2) {
    if (word(state, i) > now) state[i] = now
    if (word(state, i) + t.windowUs <= now) expired += 2
  }
  if (expired > 0) remove(state, o, o + 1, expired)
}

function remove(state: State, o: number, from: number, count: number): void {
  const end = o + word(state, o)
  state.copyWithin(from, from + count, end + 1)
  state[o] = word(state, o) - count
}

function total(state: State, o: number): number {
  const end = o + word(state, o)
  let sum = 0
  for (let i = o + 2; i <= end; i += 2) sum += word(state, i)
  return sum
}
