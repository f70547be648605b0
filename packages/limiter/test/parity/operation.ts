import {
  type Ask,
  type Refund,
  type Store,
  type SyncStore,
  type Taken,
  VERDICT,
  type Verb,
} from '../../src/core/store.ts'
import type { ManualClock } from '../../src/testing/manual-clock.ts'

/** One call of a store at a time of its own; complete in itself, so that any selection of them can be replayed. */
export type Operation =
  | { readonly verb: Verb; readonly now: number; readonly asks: readonly Ask[] }
  | { readonly verb: 'take'; readonly now: number; readonly asks: readonly [Ask]; readonly least: number }
  | { readonly verb: 'reset'; readonly now: number; readonly asks: readonly Ask[] }
  | { readonly verb: 'refund'; readonly now: number; readonly refunds: readonly Refund[] }

/** The numbers of a decision, and what a take granted; none for a refund or a reset. */
export type Answer = readonly number[]

export function applySync(store: SyncStore, clock: ManualClock, operation: Operation): Answer {
  clock.set(operation.now)
  switch (operation.verb) {
    case 'refund':
      store.refundSync(operation.refunds)
      return []
    case 'reset':
      store.resetSync(operation.asks)
      return []
    case 'take': {
      const { numbers, granted } = store.takeSync(operation.asks[0], operation.least)
      return [...cut(numbers, operation.asks), granted]
    }
    default:
      return cut(store.decideSync(operation.verb, operation.asks).numbers, operation.asks)
  }
}

/** Sends the operation before it returns, so that many can be under way on one connection. */
export async function apply(store: Store, clock: ManualClock, operation: Operation): Promise<Answer> {
  clock.set(operation.now)
  switch (operation.verb) {
    case 'refund':
      await store.refund(operation.refunds)
      return []
    case 'reset':
      await store.reset(operation.asks)
      return []
    case 'take': {
      const taken = store.take?.(operation.asks[0], operation.least) as Promise<Taken>
      const { numbers, granted } = await taken
      return [...cut(numbers, operation.asks), granted]
    }
    default:
      return cut((await store.decide(operation.verb, operation.asks)).numbers, operation.asks)
  }
}

export function same(a: Answer, b: Answer): boolean {
  return a.length === b.length && a.every((number, i) => number === b[i])
}

/** Policies and keys an operation touches. */
export function keysOf(operation: Operation): string[] {
  const touched = operation.verb === 'refund' ? operation.refunds : operation.asks
  return touched.map(({ budget, key }) => `${budget.policy}/${key}`)
}

export function describeOperation(operation: Operation, start: number): string {
  const when = `${operation.now >= start ? '+' : ''}${operation.now - start} µs`.padStart(18)
  if (operation.verb === 'refund') {
    const lines = operation.refunds.map(({ budget, key, cost, id, marks }) => {
      const taken = marks.map((mark) =>
        mark === undefined ? '-' : `${mark.takenAtUs - start}..${mark.recoveredAtUs - start}`,
      )
      return `${budget.policy}/${key} ${cost} as ${id} taken ${taken.join(',')} [${budget.plan.trim().replaceAll('\n', ' | ')}]`
    })
    return `${when}  refund  ${lines.join(' + ')}`
  }
  const asks = operation.asks.map(
    ({ budget, key, cost }) =>
      `${budget.policy}/${key} ${cost} [${budget.plan.trim().replaceAll('\n', ' | ')}]`,
  )
  const least = operation.verb === 'take' ? `, at least ${operation.least}` : ''
  return `${when}  ${operation.verb.padEnd(7)} ${asks.join(' + ')}${least}`
}

function cut(numbers: ArrayLike<number>, asks: readonly Ask[]): Answer {
  const count = asks.reduce((sum, { budget }) => sum + budget.rules.length, 0) * VERDICT
  return Array.from({ length: count }, (_, i) => numbers[i] as number)
}
