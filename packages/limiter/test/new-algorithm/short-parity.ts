/**
 * `node short-parity.ts ALGORITHM [URL]`: sends random traffic on rules of one algorithm, alone and beside others, to
 * the model and to a store, in memory or at a URL of Redis. Prints the first disagreement, or how much was compared.
 */
import { type Budget, budgetOf } from '../../src/core/budget.ts'
import { compileRule } from '../../src/core/rule.ts'
import type { BudgetRequest, LeasingStore, Verb } from '../../src/core/store.ts'
import { memoryStore } from '../../src/stores/memory/index.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import {
  apply,
  applySync,
  describeOperation,
  isAdmission,
  type Operation,
  same,
} from '../parity/operation.ts'
import { type Random, randomOf } from '../parity/random.ts'
import { Receipts } from '../parity/receipts.ts'

const OPERATIONS = 3000
const KEYS = ['a', 'b', 'c']
const WINDOW_US = 10_000_000
const VERBS: readonly Verb[] = ['consume', 'consume', 'consume', 'peek', 'charge', 'credit']
const SEED = 20_261_010

const [algorithm = '', url] = process.argv.slice(2)
const budgets = [
  budget('alone', { name: 'rule', algorithm, limit: '9/10s' }),
  budget('second', '50/min', { name: 'rule', algorithm, limit: '12/10s' }),
  budget('first', { name: 'rule', algorithm, limit: '7/10s' }, { algorithm: 'token-bucket', limit: '8/10s' }),
]
const clock = manualClock()
const store = await open(clock)
console.log(await compareWithModel(store, randomOf(SEED)))
await store.close()

async function compareWithModel(store: LeasingStore, random: Random): Promise<string> {
  const model = { store: new ReferenceStore(clock), clock, receipts: new Receipts() }
  const subject = { store, clock, receipts: new Receipts() }
  const spends: Spend[] = []
  for (let i = 1; i <= OPERATIONS; i++) {
    const now = clock.now() + random.pick([0, 1, 1000, random.below(WINDOW_US), -random.below(1_000_000)])
    const operation = next(random, { now, spend: i, spends })
    const expected = applySync(model, operation)
    const actual = await apply(subject, operation)
    if (!same(expected, actual)) {
      return `operation ${i}: ${describeOperation(operation, now)}: ${actual.join(' ')}, not ${expected.join(' ')}`
    }
    if (operation.verb !== 'consume' && operation.verb !== 'charge') continue
    const [request] = operation.requests
    if (request !== undefined && request.cost > 0 && isAdmission(operation.requests, expected))
      spends.push({ ...request, spend: i })
  }
  return `${OPERATIONS} operations alike, ${spends.length} of them spends`
}

interface Spend extends BudgetRequest {
  readonly spend: number
}

interface Moment {
  readonly now: number
  /** Number of the operation. */
  readonly spend: number
  /** Spends so far. */
  readonly spends: readonly Spend[]
}

function next(random: Random, { now, spend, spends }: Moment): Operation {
  const roll = random.below(20)
  const former = spends.at(-1 - random.below(5))
  if (roll < 3 && former !== undefined) {
    return { verb: 'refund', now, refunds: [{ ...former, cost: random.between(1, former.cost) }] }
  }
  const request = { budget: random.pick(budgets), key: random.pick(KEYS), cost: random.below(6) }
  if (roll === 3)
    return { verb: 'acquire', now, requests: [{ ...request, cost: request.cost + 1 }], min: 1, spend }
  if (roll === 4) return { verb: 'reset', now, keys: [request] }
  return { verb: random.pick(VERBS), now, requests: [request], spend }
}

async function open(clock: ManualClock): Promise<LeasingStore> {
  if (url === undefined) return memoryStore({ clock })
  // Asked for only here: without Redis there is no need of the scripts.
  const { clockedRedisStore } = await import('../redis-subject.ts')
  return clockedRedisStore(url, clock, { prefix: `headgate:new-${process.pid}` })
}

function budget(policy: string, ...rules: readonly Parameters<typeof compileRule>[0][]): Budget {
  return budgetOf(
    policy,
    rules.map((rule, i) => compileRule(rule, `rules[${i}]`)),
  )
}
