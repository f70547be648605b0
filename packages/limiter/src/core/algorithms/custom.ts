// biome-ignore-all lint/complexity/useMaxParams: state functions run for every decision; an object of arguments would be made each time
import {
  type Algorithm,
  at,
  type CustomAlgorithm,
  NEVER,
  RECEIPT,
  REMAINING,
  RESET,
  type State,
  WAIT,
} from '../algorithm.ts'
import { HeadgateError, invalid, show } from '../errors.ts'
import { checkFields, isRecord } from '../validate.ts'
import { isBuiltIn } from './registry.ts'
import { writeReceipt } from './window-refunds.ts'

/** What one step of a custom algorithm is given. */
export interface AlgorithmCall {
  /** Those of the rule, see {@link AlgorithmDefinition.terms}. */
  readonly terms: readonly number[]
  /** The state of the key; zeros for a fresh one. */
  readonly state: readonly number[]
  /** The store's time in microseconds since the Unix epoch; before that of the last step where a clock went back. */
  readonly now: number
  /** Units, a safe integer ≥ 0; 0 asks whether the budget is in debt. */
  readonly cost: number
  /** Whether the cost is spent even into debt, as `charge` does. */
  readonly force: boolean
}

/** The result of one step of a custom algorithm. */
export interface AlgorithmStep {
  /** The state advanced to now, with the cost added if it passed or was forced. */
  readonly state: readonly number[]
  /** 0 when the cost passes, microseconds to wait when it does not, -1 when no wait helps. */
  readonly wait: number
  /** Units left. */
  readonly remaining: number
  /** Microseconds until the state equals a fresh one of zeros; 0 when it does. */
  readonly reset: number
}

/**
 * A user's algorithm: a pure function over whole numbers, and its twin in Lua for Redis. Both must return the same
 * results: use whole numbers only, and round divisions alike. With `lua` alone it works on Redis only, with `step`
 * alone in memory only.
 */
export interface AlgorithmDefinition {
  /** Name to use in `algorithm:` of a rule: lower-case letters, digits and dashes. */
  readonly name: string
  /** How many numbers the state of a key has, 1 to 64. */
  readonly words: number
  /**
   * Computes the terms that both twins get: at most 32 safe integers ≥ 0.
   * @default limit, window in microseconds, burst
   */
  readonly terms?: (rule: { limit: number; windowUs: number; burst: number }) => readonly number[]
  /** One step; `force` spends even into debt. Must be pure: no clock, no randomness, no memory. */
  readonly step?: (call: AlgorithmCall) => AlgorithmStep
  /** A Lua expression: `function(terms, state, now, cost, force) … return state, wait, remaining, reset end`. */
  readonly lua?: string
}

/** Terms of a rule with a custom algorithm. */
export interface CustomTerms {
  readonly numbers: readonly number[]
  readonly capacity: number
  readonly windowUs: number
}

/** Indices before the user's state, after the incarnation: when it recovers, and the last spend. */
const RECOVERS_AT = 1
const SPENT_AT = 2
const HEADER_SIZE = 3
const TERMS_MAX = 32

/** Makes an algorithm to pass to `createLimiter` and `redisStore`; wrong definitions are `invalid-options` errors. */
export function defineAlgorithm(definition: AlgorithmDefinition): CustomAlgorithm<CustomTerms> {
  check(definition)
  const { name, words } = definition
  const step = definition.step ?? missingStep(name)
  const run = (t: CustomTerms, state: State, o: number, now: number, cost: number, force: boolean) => {
    const own = Array.from(state.subarray(o + HEADER_SIZE, o + HEADER_SIZE + words))
    return checkedStep(name, () => step({ terms: t.numbers, state: own, now, cost, force }))
  }
  const write = (state: State, o: number, now: number, after: AlgorithmStep): void => {
    if (after.reset === 0) return void state.fill(0, o, o + HEADER_SIZE + words)
    state[o + RECOVERS_AT] = now + after.reset
    state.set(after.state, o + HEADER_SIZE)
  }
  return {
    kind: name,
    custom: true,
    options: ['burst'],
    lua: definition.lua ?? '',
    lapsesAtReset: false,
    compile({ limit, window, burst, path }) {
      const windowUs = window.ms * 1000
      const numbers = definition.terms?.({ limit, windowUs, burst }) ?? [limit, windowUs, burst]
      if (numbers.length <= TERMS_MAX && numbers.every((n) => Number.isSafeInteger(n) && n >= 0))
        return { numbers, capacity: burst, windowUs }
      const what = `terms of ${name} must be at most ${TERMS_MAX} safe integers of 0 or more`
      throw invalid(path, what, 'invalid-rule')
    },
    identity: (t) => `${t.windowUs} ${words}`,
    luaTerms: (t) => [t.capacity, ...t.numbers],
    stateSize: () => HEADER_SIZE + words,
    isFuture: () => false,
    advance: (t, state, o, now) => write(state, o, now, run(t, state, o, now, 0, false)),
    waitFor: (t, state, o, now, cost) =>
      cost > t.capacity ? NEVER : run(t, state, o, now, cost, false).wait,
    spend(t, state, o, now, cost, incarnation) {
      if (state[o] === 0) state[o] = incarnation
      state[o + SPENT_AT] = now
      write(state, o, now, run(t, state, o, now, cost, true))
    },
    used: (t, state, o, now) => t.capacity - run(t, state, o, now, 0, false).remaining,
    recoversAt: (_, state, o) => at(state, o + RECOVERS_AT),
    spentAt: (state, o) => at(state, o + SPENT_AT),
    receipt: (_, state, o, numbers, from) => writeReceipt(numbers, from, [at(state, o), 0, 0, 0, 0]),
    // A custom algorithm has no way to give back: the units stay spent, which is safe.
    refund: () => 0,
    credit: () => 0,
    replySize: 4,
    readReply(_, { numbers: reply, at: first, now }, numbers, from) {
      const [wait = 0, remaining = 0, recoversAt = 0, incarnation = 0] = reply.slice(first, first + 4)
      numbers[from + WAIT] = wait
      numbers[from + REMAINING] = Math.max(0, remaining)
      numbers[from + RESET] = recoversAt === 0 ? 0 : recoversAt - now
      writeReceipt(numbers, from + RECEIPT, [incarnation, 0, 0, 0, 0])
    },

    waitForMore: ({ capacity }, _, cost) => (cost > capacity ? NEVER : null),
    worstCase: (_, { overdraw }) =>
      `what the algorithm ${name} admits${overdraw ? ', plus what each call spends beyond' : ''}`,
  }
}

/** What can be told of the state of a custom algorithm by whoever does not have it: how long it lasts, and when it was spent from. */
export function unknownCustom(kind: string, size: number): Algorithm {
  const known: Partial<Algorithm> = {
    kind,
    custom: true,
    stateSize: () => size,
    isFuture: () => false,
    recoversAt: (_, state, o) => at(state, o + RECOVERS_AT),
    spentAt: (state, o) => at(state, o + SPENT_AT),
  }
  return known as Algorithm
}

function check(definition: AlgorithmDefinition): void {
  checkFields(definition, ['name', 'words', 'terms', 'step', 'lua'], 'defineAlgorithm')
  const { name, words, terms, step, lua } = definition
  const fail = (field: string, message: string): never => {
    throw invalid(`defineAlgorithm.${field}`, message)
  }
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,31}$/.test(name)) {
    fail(
      'name',
      `${show(name)} is not a name of an algorithm; use up to 32 lower-case letters, digits and dashes`,
    )
  }
  if (isBuiltIn(name)) fail('name', `${show(name)} is the name of a built-in algorithm; use another`)
  if (!Number.isInteger(words) || words < 1 || words > 64)
    fail('words', `${show(words)} is not valid; use a whole number from 1 to 64`)
  if (step === undefined && lua === undefined)
    fail('step', 'an algorithm needs a step function, a Lua twin, or both')
  for (const [field, value] of Object.entries({ terms, step })) {
    if (value !== undefined && typeof value !== 'function') fail(field, `${show(value)} is not a function`)
  }
  if (lua !== undefined && (typeof lua !== 'string' || lua.trim() === ''))
    fail('lua', `${show(lua)} is not a Lua function; write 'function(terms, state, now, cost, force) … end'`)
}

/** Code of the user's may throw, or return something else: the limiter rejects with errors of its own only. */
function checkedStep(name: string, step: () => AlgorithmStep): AlgorithmStep {
  const fail = (what: string, cause?: unknown): HeadgateError =>
    new HeadgateError('internal', `the step of algorithm ${name} ${what}`, { cause })
  let result: unknown
  try {
    result = step()
  } catch (cause) {
    if (HeadgateError.is(cause)) throw cause
    throw fail(`threw ${show(HeadgateError.from(cause).message)}`, cause)
  }
  if (isRecord(result) && Array.isArray((result as Partial<AlgorithmStep>).state))
    return result as AlgorithmStep
  throw fail(`returned ${show(result)}; return { state, wait, remaining, reset }`)
}

function missingStep(name: string): () => never {
  return () => {
    const fix = 'use redisStore, or give it a step function'
    throw new HeadgateError('invalid-rule', `algorithm ${name} has only a Lua twin; ${fix}`)
  }
}
