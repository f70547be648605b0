import { type Store, type SyncStore, VERDICT } from '../../src/core/store.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import { type Answer, apply, applySync, type Operation, same } from './operation.ts'
import { randomOf } from './random.ts'
import { explain, type Replayer } from './shrink.ts'
import { Traffic } from './traffic.ts'

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
  const total = { operations: 0, edges: 0, denials: 0, verbs: {} as Record<string, number> }
  for (let part = 0; total.operations < operations; part++) {
    const partSeed = seed + part * 2 ** 32
    const traffic = new Traffic(randomOf(partSeed))
    const subjects = Object.entries(stores).map(([name, fresh]) => {
      const clock = manualClock(traffic.start)
      return { name, fresh, clock, store: fresh(clock) }
    })
    const history: Operation[] = []
    while (history.length < stretch && total.operations < operations) {
      const steps = Array.from({ length: Math.min(BATCH, stretch - history.length) }, () => traffic.next())
      history.push(...steps.map(({ operation }) => operation))
      for (const { operation, expected, edge } of steps) {
        total.operations++
        total.verbs[operation.verb] = (total.verbs[operation.verb] ?? 0) + 1
        if (edge) total.edges++
        if (isDenial(operation, expected)) total.denials++
      }
      for (const { name, fresh, store, clock } of subjects) {
        const answers = await answersOf(
          store,
          clock,
          steps.map(({ operation }) => operation),
        )
        const at = steps.findIndex(({ expected }, i) => !same(expected, answers[i] as Answer))
        if (at === -1) continue
        const before = total.operations - steps.length + at + 1
        if (options.untilDisagreement === true) return { ...total, operations: before, disagreement: name }
        const text = await explain(history, traffic.start, replayer(fresh))
        return {
          ...total,
          operations: before,
          disagreement: `${name}, seed ${seed}, stretch ${part}: ${text}`,
        }
      }
    }
    await Promise.all(subjects.map(({ store }) => store.close()))
  }
  return { ...total, disagreement: null }
}

function isDenial({ verb }: Operation, answer: Answer): boolean {
  if (verb === 'take') return answer.at(-1) === 0
  return answer.some((number, i) => i % VERDICT === 0 && number !== 0)
}

/** Sends the operations without waiting for answers, but for takes, which travel by themselves. */
async function answersOf(
  store: Store,
  clock: ManualClock,
  operations: readonly Operation[],
): Promise<Answer[]> {
  const answers: Promise<Answer>[] = []
  for (const operation of operations) {
    if (operation.verb === 'take') await Promise.all(answers)
    const answer = store.synchronous
      ? Promise.resolve(applySync(store as SyncStore, clock, operation))
      : apply(store, clock, operation)
    // Reported below.
    answer.catch(() => {})
    answers.push(answer)
    if (operation.verb === 'take') await answer
  }
  return Promise.all(answers)
}

function replayer(fresh: Fresh): Replayer {
  return async (operations) => {
    const [clock, modelClock] = [manualClock(), manualClock()]
    const model = new ReferenceStore(modelClock)
    const store = fresh(clock)
    const actual = await answersOf(store, clock, operations)
    await store.close()
    return { expected: operations.map((operation) => applySync(model, modelClock, operation)), actual }
  }
}

/** Makes the scripts known to the server, so that no call of a pipeline has to be sent twice. */
export async function warm(fresh: Fresh): Promise<void> {
  const clock = manualClock()
  const store = fresh(clock)
  const traffic = new Traffic(randomOf(1))
  const done = new Set<string>()
  while (done.size < 5) {
    const { operation } = traffic.next()
    done.add(operation.verb)
    await apply(store, clock, operation)
  }
}
