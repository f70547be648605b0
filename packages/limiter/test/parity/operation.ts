import { BLOCKED, RECEIPT, REMAINING, RESET, VERDICT_SIZE, WAIT } from '../../src/core/algorithm.ts'
import type {
  BudgetKey,
  BudgetRequest,
  Grant,
  LeasingStore,
  Store,
  SyncStore,
  Verb,
  Verdicts,
} from '../../src/core/store.ts'
import type { ManualClock } from '../../src/testing/manual-clock.ts'
import type { Receipts, SpendRefund } from './receipts.ts'

/** One call of a store at a time of its own; complete in itself, so that any selection of them can be replayed. */
export type Operation =
  | {
      readonly verb: Verb
      readonly now: number
      readonly requests: readonly BudgetRequest[]
      /** Number of the spend, in case it is one. */
      readonly spend: number
    }
  | {
      readonly verb: 'acquire'
      readonly now: number
      readonly requests: readonly [BudgetRequest]
      readonly spend: number
      readonly min: number
    }
  | { readonly verb: 'reset'; readonly now: number; readonly keys: readonly BudgetKey[] }
  | {
      readonly verb: 'block'
      readonly now: number
      readonly keys: readonly BudgetKey[]
      readonly lengthUs: number
    }
  | { readonly verb: 'refund'; readonly now: number; readonly refunds: readonly SpendRefund[] }

/** Four numbers a rule, and what an acquire granted; of a refund what each gave back; none for a reset or a block. */
export type Answer = readonly number[]

/** A store under test, its clock and what it answered to spends. */
export interface Subject<S extends Store = Store> {
  readonly store: S
  readonly clock: ManualClock
  readonly receipts: Receipts
}

/**
 * Numbers of a verdict that stores must agree on: wait, remaining, reset, and whether a ban or block denies. Receipts name
 * incarnations, which each draws by itself.
 */
export const COMPARED = 4

/** A store that answers in the call. */
export type DirectStore = SyncStore & { acquireSync(request: BudgetRequest, min: number): Grant }

export function applySync(subject: Subject<DirectStore>, operation: Operation): Answer {
  const { store, clock, receipts } = subject
  clock.set(operation.now)
  switch (operation.verb) {
    case 'refund':
      return store.refundSync(operation.refunds.map((refund) => receipts.refundOf(refund)))
    case 'reset':
      store.resetSync(operation.keys)
      return []
    case 'block':
      store.blockSync(operation.keys, operation.lengthUs)
      return []
    case 'acquire':
      return note(subject, operation, store.acquireSync(operation.requests[0], operation.min))
    default:
      return note(subject, operation, store.decideSync(operation.verb, operation.requests))
  }
}

/** Sends the operation before it returns, so that many can be under way on one connection. */
export async function apply(subject: Subject, operation: Operation): Promise<Answer> {
  const { store, clock, receipts } = subject
  clock.set(operation.now)
  switch (operation.verb) {
    case 'refund':
      return store.refund(operation.refunds.map((refund) => receipts.refundOf(refund)))
    case 'reset':
      await store.reset(operation.keys)
      return []
    case 'block':
      await store.block(operation.keys, operation.lengthUs)
      return []
    case 'acquire': {
      const leasing = store as LeasingStore
      return note(subject, operation, await leasing.acquire(operation.requests[0], operation.min))
    }
    default:
      return note(subject, operation, await store.decide(operation.verb, operation.requests))
  }
}

/** Whether the operation needs the answers of those before it: a refund their receipts; an acquire travels by itself. */
export function isBarrier({ verb }: Operation): boolean {
  return verb === 'refund' || verb === 'acquire'
}

export function same(a: Answer, b: Answer): boolean {
  return a.length === b.length && a.every((number, i) => number === b[i])
}

/** Whether an answer to these requests is one of a spend, or of a peek that would be: rules in shadow have no say. */
export function isAdmission(requests: readonly BudgetRequest[], answer: Answer): boolean {
  const enforced = requests.flatMap(({ budget }) =>
    budget.rules.map(({ shadow }) => budget.enforces && !shadow),
  )
  return enforced.every((isEnforced, rule) => !isEnforced || answer[rule * COMPARED + WAIT] === 0)
}

/** The numbers of one rule in an answer. */
export function standingAt(answer: Answer, rule: number): { wait: number; remaining: number; reset: number } {
  const [wait = 0, remaining = 0, reset = 0] = answer.slice(rule * COMPARED, (rule + 1) * COMPARED)
  return { wait, remaining, reset }
}

/** Policies and keys an operation touches. */
export function keysOf(operation: Operation): string[] {
  return touchedBy(operation).map(({ budget, key }) => `${budget.policy}/${key}`)
}

export function describeOperation(operation: Operation, start: number): string {
  const when = `${operation.now >= start ? '+' : ''}${operation.now - start} µs`.padStart(18)
  const lines = touchedBy(operation).map((one) => {
    const { budget, key } = one
    const cost = 'cost' in one ? ` ${one.cost}` : ''
    const spend = 'spend' in one ? ` of spend ${one.spend}` : ''
    const bans = budget.bans === undefined ? '' : ` bans ${budget.bans}${'blameless' in one ? ' not' : ''}`
    const rules = budget.rules.map(({ identity, limit, capacity, byCall, shadow, terms }) => {
      const more = JSON.stringify({
        limit,
        capacity,
        ...(byCall && { byCall }),
        ...(shadow && { shadow }),
        terms,
      })
      return `${identity.text} ${more}`
    })
    const mode = `${budget.enforces ? '' : ' in shadow'}${budget.overdraw ? ' with overdraw' : ''}`
    return `${budget.policy}/${key}${cost}${spend}${mode}${bans} [${rules.join(' | ')}]`
  })
  const number = 'spend' in operation ? ` #${operation.spend}` : ''
  const length = operation.verb === 'block' ? ` for ${operation.lengthUs}` : ''
  const min = operation.verb === 'acquire' ? `, at least ${operation.min}` : ''
  return `${when}  ${operation.verb.padEnd(7)}${number} ${lines.join(' + ')}${min}${length}`
}

function touchedBy(operation: Operation): readonly (BudgetKey | BudgetRequest | SpendRefund)[] {
  if (operation.verb === 'refund') return operation.refunds
  return 'keys' in operation ? operation.keys : operation.requests
}

/** Keeps the receipts of an answer, and cuts it to what is compared. */
function note(
  { receipts }: Subject,
  { verb, requests, spend }: Extract<Operation, { readonly spend: number }>,
  verdicts: Verdicts | Grant,
): Answer {
  const { now, numbers } = verdicts
  const rules = requests.reduce((sum, { budget }) => sum + budget.rules.length, 0)
  const compared = Array.from({ length: rules }, (_, rule) => comparedOf(numbers, rule * VERDICT_SIZE)).flat()
  const spends = verb !== 'peek' && verb !== 'credit' && isAdmission(requests, compared)
  if (spends) receipts.keep(spend, requests, now, numbers)
  return 'granted' in verdicts ? [...compared, verdicts.granted] : compared
}

function comparedOf(numbers: ArrayLike<number>, from: number): number[] {
  const [wait, remaining, reset] = [WAIT, REMAINING, RESET].map((at) => numbers[from + at] as number)
  return [wait as number, remaining as number, reset as number, numbers[from + RECEIPT] === BLOCKED ? 1 : 0]
}
