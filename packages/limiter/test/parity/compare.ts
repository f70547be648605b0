import { isSync, type Store } from '../../src/core/store.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import {
  type Answer,
  apply,
  applySync,
  COMPARED,
  isAdmission,
  isBarrier,
  keysOf,
  type Operation,
  type Subject,
  same,
} from './operation.ts'
import { randomOf } from './random.ts'
import { Receipts } from './receipts.ts'
import { explain, type Replayer } from './shrink.ts'
import { type Step, Traffic } from './traffic.ts'

/** A store under test that begins empty. */
export type Fresh = (clock: ManualClock) => Store

export interface ParityOptions {
  readonly seed: number
  readonly operations: number
  /** Operations of one stretch of traffic, which begins with empty stores. */
  readonly stretch?: number
  /** Stops without a complaint at the first disagreement: for mutants. */
  readonly untilDisagreement?: boolean
}

export interface ParityResult {
  readonly operations: number
  readonly edges: number
  /** Verbs asked, and how many of the decisions were denials. */
  readonly verbs: Readonly<Record<string, number>>
  readonly denials: number
  /** Denials by a ban or block. */
  readonly blocked: number
  /** Denials of a window too many, units that refunds gave back, and refunds that gave some. */
  readonly tooMany: number
  readonly refunded: number
  /** What disagreed; null when nothing did. */
  readonly disagreement: string | null
}

const BATCH = 250

/** Sends the same random traffic to the model and to the stores, and compares every number. */
export async function compare(
  stores: Readonly<Record<string, Fresh>>,
  options: ParityOptions,
): Promise<ParityResult> {
  const { seed, operations, stretch = 1500 } = options
  const total = {
    operations: 0,
    edges: 0,
    denials: 0,
    blocked: 0,
    tooMany: 0,
    refunded: 0,
    verbs: {} as Record<string, number>,
  }
  for (let part = 0; total.operations < operations; part++) {
    const traffic = new Traffic(randomOf(seed + part * 2 ** 32))
    const subjects = Object.entries(stores).map(([name, fresh]) => ({ name, fresh, ...subjectOf(fresh) }))
    const history: Operation[] = []
    while (history.length < stretch && total.operations < operations) {
      const size = Math.min(BATCH, stretch - history.length, operations - total.operations)
      const steps = Array.from({ length: size }, () => traffic.next())
      history.push(...steps.map(({ operation }) => operation))
      for (const step of steps) count(total, step)
      for (const subject of subjects) {
        const answers = await answersOf(
          subject,
          steps.map(({ operation }) => operation),
        )
        const at = steps.findIndex(({ expected }, i) => !same(expected, answers[i] as Answer))
        if (at === -1) continue
        const before = total.operations - steps.length + at + 1
        const { name, fresh } = subject
        const text = options.untilDisagreement
          ? ''
          : `, seed ${seed}, stretch ${part}: ${await explain(history, traffic.start, replayer(fresh))}`
        return { ...total, operations: before, disagreement: name + text }
      }
    }
    await Promise.all(subjects.map(({ store }) => store.close()))
  }
  return { ...total, disagreement: null }
}

type Totals = {
  -readonly [K in Exclude<keyof ParityResult, 'disagreement' | 'verbs'>]: ParityResult[K]
} & { verbs: Record<string, number> }

function count(total: Totals, { operation, expected, edge }: Step): void {
  const { verb } = operation
  total.operations++
  total.verbs[verb] = (total.verbs[verb] ?? 0) + 1
  if (edge) total.edges++
  if (verb === 'refund' && expected.some((units) => units > 0)) total.refunded++
  if (!('requests' in operation) || verb === 'credit') return
  const numbers = verb === 'acquire' ? expected.slice(0, -1) : expected
  if (!isAdmission(operation.requests, numbers)) total.denials++
  if (numbers.some((number, i) => i % COMPARED === COMPARED - 1 && number === 1)) total.blocked++
  if (numbers.some((number, i) => i % COMPARED === 0 && number === -2)) total.tooMany++
}

function subjectOf(fresh: Fresh): Subject {
  const clock = manualClock()
  return { clock, store: fresh(clock), receipts: new Receipts() }
}

/** Answers in the order of the operations. */
async function answersOf(subject: Subject, operations: readonly Operation[]): Promise<Answer[]> {
  return isSync(subject.store) ? oneByOne(subject, operations) : inFlight(subject, operations)
}

async function oneByOne(subject: Subject, operations: readonly Operation[]): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const operation of operations) answers.push(await apply(subject, operation))
  return answers
}

/** Sends the operations without waiting for answers, but where one needs those before it. */
async function inFlight(subject: Subject, operations: readonly Operation[]): Promise<Answer[]> {
  const answers: Promise<Answer>[] = []
  // Decisions of different shapes keep no order: those on one key must not be in flight together.
  const shapes = new Map<string, string>()
  for (const operation of operations) {
    const shape = shapeOf(operation)
    const keys = keysOf(operation)
    if (isBarrier(operation) || keys.some((key) => (shapes.get(key) ?? shape) !== shape)) {
      await Promise.all(answers)
      shapes.clear()
    }
    for (const key of keys) shapes.set(key, shape)
    const answer = apply(subject, operation)
    // Reported below.
    answer.catch(() => {})
    answers.push(answer)
    if (operation.verb === 'acquire') await answer
  }
  return Promise.all(answers)
}

/** The kinds and roles of rules that a script is made for. */
function shapeOf(operation: Operation): string {
  if (!('requests' in operation)) return ''
  const kinds = operation.requests.map(({ budget }) =>
    budget.rules
      .map(({ algorithm, shadow }) => [algorithm.kind, shadow, budget.enforces, budget.overdraw].join('/'))
      .toSorted()
      .join(),
  )
  return kinds.toSorted().join('|')
}

function replayer(fresh: Fresh): Replayer {
  return async (operations) => {
    const subject = subjectOf(fresh)
    const clock = manualClock()
    const model = { clock, store: new ReferenceStore(clock), receipts: new Receipts() }
    const actual = await answersOf(subject, operations)
    await subject.store.close()
    return { expected: operations.map((operation) => applySync(model, operation)), actual }
  }
}

/** Makes the scripts known to the server, so that no call of a pipeline has to be sent twice. */
export async function warm(fresh: Fresh): Promise<void> {
  const subject = subjectOf(fresh)
  const traffic = new Traffic(randomOf(1))
  const done = new Set<string>()
  while (done.size < 7) {
    const { operation } = traffic.next()
    done.add(operation.verb)
    await apply(subject, operation)
  }
}
