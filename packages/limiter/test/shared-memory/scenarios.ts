import { BLOCKED, RECEIPT, REMAINING, RESET, VERDICT_SIZE, WAIT } from '../../src/core/algorithm.ts'
import { type Budget, budgetOf } from '../../src/core/budget.ts'
import { ruleReceiptOf } from '../../src/core/rule-receipt.ts'
import type { BudgetRequest, Refund, Verb, Verdicts } from '../../src/core/store.ts'
import { fingerprint, hash, overflowLow, seedOfPolicy } from '../../src/stores/local/siphash.ts'
import type { SharedArrayStore } from '../../src/stores/shared-memory/shared-store.ts'
import { changedBudget, freshBudget } from '../guarantees/arbitraries.ts'
import { SEED, type SharedMemory } from './memory.ts'

/** Something that a thread does; it is done when the function returns, whatever promise it returns. */
export type Act = (store: SharedArrayStore) => unknown

/** What two threads do at once, and how it is seen what became of it. */
export interface Scenario {
  readonly name: string
  readonly maxKeys?: number
  /** Whether something is only seen where one thread comes between two reads of another. */
  readonly isFine?: boolean
  /** Prepares the memory by a third store. */
  set(store: SharedArrayStore, memory: SharedMemory): Scene
}

export interface Scene {
  readonly first: Act
  /** One after the other, each a transaction or several of its own. */
  readonly second: readonly Act[]
  readonly look: Act
}

const bucket = freshBudget({ algorithm: 'token-bucket', limit: '10/min' })
const sliding = freshBudget({ limit: '10/min', segments: 4 })
const log = freshBudget({ algorithm: 'sliding-log', limit: '40/min' })
const fixed = freshBudget({ algorithm: 'fixed-window', limit: '10/min' })
const pair = freshBudget({ algorithm: 'token-bucket', limit: '10/min' }, { limit: '30/h' })
const changed = changedBudget(bucket, { algorithm: 'token-bucket', limit: '20/min' }, { limit: '7/h' })
const brief = freshBudget({ algorithm: 'token-bucket', limit: '1/s' })
const banning: Budget = { ...freshBudget({ limit: '3/min' }), bans: [60_000_000, 600_000_000] }

/** Two keys of `bucket` in one bucket of the memory. */
const [neighbour, beside] = neighboursOf(bucket)

export const on = (budget: Budget, ...keys: readonly string[]): readonly BudgetRequest[] =>
  keys.map((key) => ({ budget, key, cost: 1 }))

const ask =
  (verb: Verb, requests: readonly BudgetRequest[]): Act =>
  (store) =>
    told(store.decideSync(verb, requests), requests)
export const consume = (requests: readonly BudgetRequest[]): Act => ask('consume', requests)
export const peek = (requests: readonly BudgetRequest[]): Act => ask('peek', requests)
const each =
  (...acts: readonly Act[]): Act =>
  (store) =>
    acts.map((act) => act(store))
const claim: Act = (store) => store.claim({ id: 'c', value: 5, endsAtUs: store.clock.now() + 1 })
const put =
  (expected: string | null, revision: string, words = 5): Act =>
  (store) =>
    store.putDocument('d', { expected, revision, text: `${revision} of many words`.repeat(words) })
const claims = (...ids: readonly string[]): readonly Act[] =>
  ids.map((id) => (store) => store.claim({ id, value: 7, endsAtUs: store.clock.now() + 1 }))
const document: Act = (store) => store.readDocument('d', null)
const offer =
  (secret: string): Act =>
  (store) =>
    store.secrets({ secret, addAfterMs: 1000, keepMs: 10_000 })

export const scenarios: readonly Scenario[] = [
  ...[bucket, sliding, log, fixed, pair].map((budget): Scenario => {
    const kinds = budget.rules.map(({ algorithm }) => algorithm.kind).join(' and ')
    return inBoth(`spends on one key of a ${kinds}`, budget, on(budget, 'k'), on(budget, 'k'))
  }),
  inBoth('spends on a key that is new', bucket, on(bucket, 'new'), on(bucket, 'new')),
  inBoth('spends on two keys', bucket, on(bucket, 'k', 'l'), on(bucket, 'l', 'k')),
  inBoth('spends on chains of keys', bucket, on(bucket, 'k', 'l'), on(bucket, 'l', 'm')),
  inBoth('spends on one key of two', bucket, on(bucket, 'k', 'l'), on(bucket, 'k')),
  inBoth('spends on keys of one bucket', bucket, on(bucket, neighbour), on(bucket, beside)),
  inBoth('both keys of one bucket', bucket, on(bucket, neighbour, beside), on(bucket, beside, neighbour)),
  {
    name: 'a spend that leaves nothing',
    set(store) {
      ask('consume', [{ budget: bucket, key: 'k', cost: 9 }])(store)
      const spend = consume(on(bucket, 'k'))
      return { first: spend, second: [consume(on(bucket, 'k', 'l'))], look: peek(on(bucket, 'k', 'l')) }
    },
  },
  {
    name: 'a refund and a spend',
    set(store) {
      const refund = refundOf(store, log)
      return {
        first: (at) => at.refundSync([refund]),
        second: [consume(on(log, 'k'))],
        look: peek(on(log, 'k')),
      }
    },
  },
  {
    name: 'the same refund twice',
    set(store) {
      const refund = refundOf(store, bucket)
      const give: Act = (at) => at.refundSync([refund])
      return { first: give, second: [give], look: each(peek(on(bucket, 'k')), give) }
    },
  },
  {
    name: 'a block and a spend',
    set(store) {
      consume(on(bucket, 'k'))(store)
      const block: Act = (at) => at.blockSync(on(bucket, 'k'), 5_000_000)
      return { first: block, second: [consume(on(bucket, 'k'))], look: peek(on(bucket, 'k')) }
    },
  },
  {
    name: 'the block of a new key, and its end',
    set: () => ({
      first: (at) => at.blockSync(on(bucket, 'k'), 5_000_000),
      second: [(at) => at.blockSync(on(bucket, 'k'), 0)],
      look: peek(on(bucket, 'k')),
    }),
  },
  {
    name: 'a reset and a spend',
    set(store) {
      consume(on(bucket, 'k', neighbour, beside))(store)
      return {
        first: (at) => at.resetSync(on(bucket, 'k', neighbour)),
        second: [consume(on(bucket, neighbour))],
        look: peek(on(bucket, 'k', neighbour, beside)),
      }
    },
  },
  {
    name: 'a ban that two denials begin',
    set(store) {
      ask('consume', [{ budget: banning, key: 'k', cost: 3 }])(store)
      const look = peek(on(banning, 'k'))
      return { first: consume(on(banning, 'k')), second: [consume(on(banning, 'k'))], look }
    },
  },
  {
    name: 'another configuration',
    set(store) {
      consume(on(bucket, 'k'))(store)
      const look = each(peek(on(changed, 'k')), peek(on(bucket, 'k')))
      return { first: consume(on(changed, 'k')), second: [consume(on(bucket, 'k'))], look }
    },
  },
  {
    name: 'a claim',
    set: () => ({ first: claim, second: [claim], look: claim }),
  },
  {
    name: 'a claim that is given up',
    set(store) {
      claim(store)
      return { first: (at) => at.unclaim('c'), second: [claim], look: claim }
    },
  },
  {
    name: 'a claim whose memory is used again',
    isFine: true,
    set(store) {
      claim(store)
      const again = claims('d', 'e', 'f')
      return { first: claim, second: [(at) => at.unclaim('c'), ...again], look: each(claim, ...again) }
    },
  },
  {
    name: 'a key whose memory is used again',
    isFine: true,
    set(store) {
      consume(on(bucket, 'k'))(store)
      const again = [consume(on(log, 'l')), consume(on(bucket, 'k')), consume(on(log, 'l'))]
      return { first: consume(on(bucket, 'k')), second: again, look: peek(on(bucket, 'k')) }
    },
  },
  {
    name: 'a long record whose memory is used again',
    isFine: true,
    set(store) {
      for (let i = 0; i < 30; i++) consume(on(log, 'k'))(store)
      const again: readonly Act[] = [
        (at) => at.resetSync(on(log, 'k')),
        ...[1, 2, 3, 4].map(() => consume(on(changed, 'k', 'l'))),
      ]
      return { first: consume(on(log, 'k')), second: again, look: peek(on(log, 'k')) }
    },
  },
  {
    name: 'a document',
    set(store) {
      put(null, 'one')(store)
      return { first: put('one', 'two'), second: [put('one', 'three')], look: document }
    },
  },
  {
    name: 'secrets',
    set: () => ({ first: offer('aa'), second: [offer('bb')], look: offer('cc') }),
  },
  {
    name: 'the last place for a key',
    maxKeys: 1,
    set: () => ({
      first: consume(on(bucket, 'k')),
      second: [consume(on(bucket, 'l'))],
      look: peek(on(bucket, 'k', 'l')),
    }),
  },
  {
    name: 'keys beyond the cap',
    maxKeys: 1,
    set(store) {
      consume(on(bucket, 'k'))(store)
      return {
        first: consume(on(bucket, 'l')),
        second: [consume(on(bucket, 'm', 'l'))],
        look: peek(on(bucket, 'k', 'l', 'm')),
      }
    },
  },
  {
    name: 'a place that is free again',
    maxKeys: 1,
    set(store, { clock }) {
      consume(on(brief, 'k'))(store)
      clock.advance('3s')
      return {
        first: consume(on(bucket, 'l')),
        second: [consume(on(bucket, 'm'))],
        look: peek(on(bucket, 'l', 'm')),
      }
    },
  },
  {
    name: 'a place that becomes free behind a spend beyond the cap',
    maxKeys: 1,
    set(store) {
      consume(on(bucket, 'k'))(store)
      const beyond = consume([{ budget: bucket, key: 'l', cost: 4 }])
      return {
        first: consume(on(bucket, 'l')),
        second: [beyond, (at) => at.resetSync(on(bucket, 'k'))],
        look: peek(on(bucket, 'l')),
      }
    },
  },
  {
    name: 'the first spend beyond the cap, during a decision on two keys',
    maxKeys: 1,
    set(store) {
      consume(on(bucket, 'k'))(store)
      return {
        first: consume(on(bucket, 'l', 'm')),
        second: [consume(on(bucket, 'n'))],
        look: peek(on(bucket, 'l', 'm', 'n')),
      }
    },
  },
  {
    name: 'a document whose memory is used again',
    isFine: true,
    set(store) {
      put(null, 'one', 1)(store)
      const keys = Array.from({ length: 12 }, (_, i) => `new-${i}`)
      const second = [put('one', 'two', 1), ...keys.map((key) => consume(on(bucket, key)))]
      return { first: document, second, look: document }
    },
  },
  {
    name: 'a document of more chunks than a thread holds ready',
    set(store) {
      put(null, 'one', 250)(store)
      return { first: put('one', 'two', 250), second: [put('one', 'three', 250)], look: document }
    },
  },
]

/** Two decisions, after one spend on the keys `k` and `l`. */
function inBoth(
  name: string,
  budget: Budget,
  first: readonly BudgetRequest[],
  second: readonly BudgetRequest[],
): Scenario {
  const keys = new Set([...first, ...second].map(({ key }) => key))
  return {
    name,
    set(store) {
      consume(on(budget, 'k', 'l'))(store)
      return {
        first: consume(first),
        second: [consume(second)],
        look: peek(on(budget, ...keys)),
      }
    },
  }
}

/** Spends on `k`, and returns the refund of it. */
function refundOf(store: SharedArrayStore, budget: Budget): Refund {
  const { numbers, now } = store.decideSync('consume', [{ budget, key: 'k', cost: 4 }])
  return { budget, key: 'k', cost: 4, id: 'spend', rules: [ruleReceiptOf(numbers, 0, now)] }
}

/** What verdicts say, without the incarnations, which every order of decisions draws in another way. */
function told({ numbers }: Verdicts, requests: readonly BudgetRequest[]): readonly unknown[] {
  const rules = requests.reduce((sum, { budget }) => sum + budget.rules.length, 0)
  return Array.from({ length: rules }, (_, rule) => {
    const at = (offset: number): number => numbers[rule * VERDICT_SIZE + offset] as number
    return { wait: at(WAIT), left: at(REMAINING), reset: at(RESET), blocked: at(RECEIPT) === BLOCKED }
  })
}

/** Keys whose records are in one of the 1,024 buckets, and which share no overflow record. */
function neighboursOf({ policy, rules }: Budget): readonly [string, string] {
  const seed = seedOfPolicy(budgetOf(policy, rules).policy, SEED)
  const found = new Map<number, { key: string; overflow: number }>()
  for (let i = 0; ; i++) {
    hash(`key-${i}`, seed)
    const own = { key: `key-${i}`, overflow: overflowLow(fingerprint.low) }
    const other = found.get(fingerprint.low & 1023)
    if (other !== undefined && other.overflow !== own.overflow) return [other.key, own.key]
    found.set(fingerprint.low & 1023, own)
  }
}
