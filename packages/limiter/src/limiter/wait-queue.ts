/** A queue of calls that wait for units of the same keys, and what is known of the units they will spend. */

import { neededUnits } from '../core/budget.ts'
import type { Decision } from '../core/decision.ts'
import type { Duration } from '../core/duration.ts'
import type { StoreCall } from './rule-views.ts'
import type { FrontDenial } from './turn-estimate.ts'

/** A call that waits. */
export interface WaitRequest {
  /** Units it wants to spend. */
  readonly cost: number
  readonly timeout: Duration | undefined
  readonly signal: AbortSignal | undefined
  /** Identifies its rules: a denial of the front waiter says nothing of waiters with other rates and capacities. */
  readonly rulesId?: string
  /** Calls the store once. */
  readonly attempt: () => Promise<Decision>
  /** Gives back what an attempt spent for a waiter that left meanwhile. */
  readonly undo: (decision: Decision) => Promise<void>
}

/** `resolve` and `reject` take it out of its queue; both do nothing for a waiter that has left. */
export interface Waiter extends WaitRequest {
  readonly deadlineUs: number
  readonly resolve: (decision: Decision) => void
  readonly reject: (reason: unknown) => void
}

/** Waiters of one queue, first come first served; the first one is the front waiter. */
export interface Queue {
  readonly name: string
  readonly waiters: Waiter[]
  /** When the front waiter may call the store again, by its latest denial. */
  readyAtUs: number
  frontDenial: FrontDenial | null
  /** Whether a call of the store is in flight. */
  calling: boolean
  /** Whether limits or state changed during that call, so that its denial may be out of date. */
  changed: boolean
  cancelTimer: () => void
}

/** A queue without waiters. */
export function emptyQueue(name: string): Queue {
  return {
    name,
    waiters: [],
    readyAtUs: 0,
    frontDenial: null,
    calling: false,
    changed: false,
    cancelTimer: () => {},
  }
}

/** The lowest cost that a call has in any policy: estimates by it are never too long, and deny nobody who could be served. */
export function lowestCost({ requests, cost }: StoreCall): number {
  return requests.length === 0
    ? cost
    : Math.min(...requests.map(({ budget, cost: units }) => neededUnits(budget, units)))
}

/** Takes a waiter out of its queue; false when it has already left. */
export function removeWaiter(queue: Queue, waiter: Waiter): boolean {
  const index = queue.waiters.indexOf(waiter)
  if (index < 0) return false
  queue.waiters.splice(index, 1)
  // The wait was that of the old front waiter; the next one may have a smaller cost.
  if (index === 0) queue.readyAtUs = 0
  return true
}

/** Units that the waiters in front of this one will spend, as far as they are known. */
export function unitsBefore(queue: Queue, waiter: Waiter): number {
  let units = 0
  for (const other of queue.waiters) {
    if (other === waiter) break
    units += countedUnits(queue, other)
  }
  return units
}

/** Units that a waiter will spend from the rules of the front waiter; 0 where that is unknown, or its cost never passes. */
export function countedUnits(queue: Queue, waiter: Waiter): number {
  const rules = queue.frontDenial?.decision.rules ?? []
  const counts = hasRulesOfFront(queue, waiter) && !rules.some(({ limit }) => waiter.cost > limit)
  return counts ? waiter.cost : 0
}

/** Whether a waiter has the same rules as the front waiter. */
export function hasRulesOfFront({ waiters: [front] }: Queue, waiter: Waiter): boolean {
  return front?.rulesId === waiter.rulesId
}
