import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Algorithm } from '../../src/core/algorithm.ts'
import type { Budget } from '../../src/core/budget.ts'
import type { SyncStore } from '../../src/core/store.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import type { ManualClock } from '../../src/testing/manual-clock.ts'
import { compare } from './compare.ts'
import { seedOfRun } from './random.ts'

const OPERATIONS = 120_000

type Twist = (algorithm: Algorithm) => Partial<Algorithm>

/** Mistakes somebody could make in the algorithms: each wraps what is right. */
const mutants: readonly (readonly [name: string, twist: Twist])[] = [
  ['a wait a microsecond too short', ({ judge }) => ({ judge: (...args) => shorter(judge(...args)) })],
  ['a state never lies in the future', () => ({ ahead: () => false })],
  ['a state always lies in the future', () => ({ ahead: () => true })],
  [
    'time a microsecond late',
    ({ judge }) => ({ judge: (terms, state, o, now, cost) => judge(terms, state, o, now - 1, cost) }),
  ],
  [
    'a spend of one unit for nothing',
    ({ spend }) => ({
      spend: (terms, state, o, now, cost) => (cost === 1 ? undefined : spend(terms, state, o, now, cost)),
    }),
  ],
  ['recovered a microsecond early', ({ reset }) => ({ reset: (...args) => shorter(reset(...args)) })],
  [
    'a refund of what has drained',
    ({ refund }) => ({
      refund: (terms, state, o, now, cost, mark) =>
        refund(terms, state, o, now, cost, { ...mark, takenAtUs: Math.max(now, mark.takenAtUs) }),
    }),
  ],
  [
    'a refund of one unit too much',
    ({ refund }) => ({
      refund: (terms, state, o, now, cost, mark) => refund(terms, state, o, now, cost + 1, mark),
    }),
  ],
  ['no refund', () => ({ refund: () => {} })],
  ['no conversion', () => ({ convert: () => false })],
  ['one unit used too little', ({ used }) => ({ used: (...args) => Math.max(0, used(...args) - 1) })],
  [
    'a state brought forward too little',
    ({ judge }) => ({
      judge: (terms, state, o, now, cost) => judge(terms, state, o, cost === 0 ? now - 1000 : now, cost),
    }),
  ],
]

describe('a mistake in the algorithms', () => {
  let seed: number
  const table: string[] = []

  beforeAll(() => {
    seed = seedOfRun('mutants of the algorithms', 20_260_102)
  })

  afterAll(() => {
    console.log(`mutants of the algorithms (seed ${seed}):\n${table.join('\n')}`)
  })

  it.each(mutants)(
    'is noticed: %s',
    async (name, twist) => {
      const options = { seed, operations: OPERATIONS, untilDisagreement: true }
      const { operations, disagreement } = await compare(
        { mutant: (clock) => twistedStore(clock, twist) },
        options,
      )
      const killer = disagreement === null ? 'SURVIVED' : `a disagreement in operation ${operations}`
      table.push(`  ${name.padEnd(50)} ${killer}`)
      expect(disagreement).not.toBeNull()
    },
    60_000,
  )
})

function twistedStore(clock: ManualClock, twist: Twist): SyncStore {
  const store = memoryStore({ clock })
  const twisted = new WeakMap<Budget, Budget>()
  const bent = <T extends { readonly budget: Budget }>(ask: T): T => {
    let budget = twisted.get(ask.budget)
    if (budget === undefined) {
      const rules = ask.budget.rules.map((rule) => ({
        ...rule,
        algorithm: twistedAlgorithm(rule.algorithm, twist),
      }))
      budget = { ...ask.budget, rules }
      twisted.set(ask.budget, budget)
    }
    return { ...ask, budget }
  }
  return {
    synchronous: true,
    decide: (verb, asks) => store.decide(verb, asks.map(bent)),
    decideSync: (verb, asks) => store.decideSync(verb, asks.map(bent)),
    decideOneSync: (verb, ask) => store.decideOneSync(verb, bent(ask)),
    takeSync: (ask, least) => store.takeSync(bent(ask), least),
    refund: (refunds) => store.refund(refunds.map(bent)),
    refundSync: (refunds) => store.refundSync(refunds.map(bent)),
    reset: (asks) => store.reset(asks.map(bent)),
    resetSync: (asks) => store.resetSync(asks.map(bent)),
    close: () => store.close(),
  }
}

function twistedAlgorithm(algorithm: Algorithm, twist: Twist): Algorithm {
  return { ...algorithm, ...twist(algorithm) }
}

function shorter(us: number): number {
  return us > 1 ? us - 1 : us
}
