import { type CustomAlgorithm, NEVER, type State } from '../algorithm.ts'
import { HeadgateError, invalid, show } from '../errors.ts'
import { isBuiltIn } from '../rule.ts'
import { checkFields } from '../validate.ts'

/** What one step of a custom algorithm answers. */
export interface AlgorithmStep {
  /** The state brought forward to now, and the cost added if it passed or was forced. */
  readonly state: readonly number[]
  /** 0 when the cost passes, microseconds to wait when it does not, -1 when no wait helps. */
  readonly wait: number
  /** Units left. */
  readonly remaining: number
  /** Microseconds until the state equals a fresh one of zeros; 0 when it does. */
  readonly reset: number
}

/**
 * An algorithm of the user's: a pure function over whole numbers, and its twin in Lua for Redis. Both must answer
 * alike: whole numbers only, the same divisions rounded the same way. With `lua` alone it works on Redis only.
 */
export interface AlgorithmDefinition {
  /** Name to use in `algorithm:` of a rule: lower-case letters, digits and dashes. */
  readonly name: string
  /** Numbers of state a key takes, 1 to 64. */
  readonly words: number
  /**
   * Terms handed to both twins, safe integers ≥ 0.
   * @default limit, window in microseconds, burst
   */
  readonly terms?: (rule: { limit: number; windowUs: number; burst: number }) => readonly number[]
  /** One step; `force` spends even into debt. Must be pure: no clock, no randomness, no memory. */
  readonly step?: (
    terms: readonly number[],
    state: readonly number[],
    now: number,
    cost: number,
    force: boolean,
  ) => AlgorithmStep
  /** A Lua expression: `function(terms, state, now, cost, force) … return state, wait, remaining, reset end`. */
  readonly lua?: string
}

/** Terms of a rule whose algorithm is the user's. */
export interface CustomTerms {
  readonly numbers: readonly number[]
  readonly capacity: number
}

/** Makes an algorithm to give to `createLimiter` and `redisStore`; mistakes are `invalid-options` errors. */
export function defineAlgorithm(definition: AlgorithmDefinition): CustomAlgorithm<CustomTerms> {
  check(definition)
  const { name, words } = definition
  const step = definition.step ?? missingStep(name)
  const read = (state: State, o: number): number[] => Array.from(state.subarray(o, o + words))
  const run = (
    t: CustomTerms,
    state: State,
    o: number,
    now: number,
    cost: number,
    force: boolean,
  ): AlgorithmStep => step(t.numbers, read(state, o), now, cost, force)
  return {
    kind: name,
    custom: true,
    lua: definition.lua ?? '',
    compile({ limit, window, burst, path }) {
      const windowUs = window.ms * 1000
      const numbers = definition.terms?.({ limit, windowUs, burst }) ?? [limit, windowUs, burst]
      if (numbers.every((n) => Number.isSafeInteger(n) && n >= 0)) return { numbers, capacity: burst }
      throw invalid(path, `terms of ${name} must be safe integers of 0 or more`, 'invalid-rule')
    },
    fields: () => [],
    extra: termsOf,
    words: () => words,
    ahead: () => false,
    judge(t, state, o, now, cost) {
      const { wait } = run(t, state, o, now, cost, false)
      state.set(run(t, state, o, now, 0, false).state, o)
      return cost > t.capacity ? NEVER : wait
    },
    spend: (t, state, o, now, cost) => state.set(run(t, state, o, now, cost, true).state, o),
    reset: (t, state, o, now) => run(t, state, o, now, 0, false).reset,
    used: (t, state, o, now) => t.capacity - run(t, state, o, now, 0, false).remaining,
    // What a refund means is known to the algorithm alone; without it the units stay spent, which is safe.
    refund: () => {},
    convert(from, source, to, target, o) {
      if (termsOf(from) !== termsOf(to)) return false
      target.set(source.subarray(0, words), o)
      return true
    },
  }
}

function termsOf({ numbers, capacity }: CustomTerms): string {
  return [...numbers, capacity].join(' ')
}

function check(definition: AlgorithmDefinition): void {
  checkFields(definition, ['name', 'words', 'terms', 'step', 'lua'], 'defineAlgorithm')
  const { name, words, step, lua } = definition
  const fail = (field: string, message: string): never => {
    throw invalid(`defineAlgorithm.${field}`, message)
  }
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]{0,31}$/.test(name)) {
    fail(
      'name',
      `${show(name)} is not a name of an algorithm; use up to 32 lower-case letters, digits and dashes`,
    )
  }
  if (isBuiltIn(name)) fail('name', `${show(name)} is the name of an algorithm of ours; use another`)
  if (!Number.isInteger(words) || words < 1 || words > 64)
    fail('words', `${show(words)} is not a number from 1 to 64`)
  if (step === undefined && lua === undefined)
    fail('step', 'an algorithm needs a step function, a Lua twin, or both')
}

function missingStep(name: string): () => never {
  return () => {
    const fix = 'use redisStore, or give it a step function'
    throw new HeadgateError('invalid-rule', `algorithm ${name} is a Lua script alone; ${fix}`)
  }
}
