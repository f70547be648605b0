/** Lets a thread be interrupted, or end, at any access to the memory. */
import type { Access, Probe } from './probe.ts'

/** Thrown at the access at which a thread ends, and at every one after it. */
const DEATH: unique symbol = Symbol('the thread has ended')

/** Which accesses count. */
export type Counts = (access: Access) => boolean
export const everyAccess: Counts = () => true
export const everyAtomic: Counts = ({ isAtomic }) => isAtomic
/** Who ends before a read has done the same as who ends behind it. */
export const everyWrite: Counts = ({ isWrite }) => isWrite
export const everyAtomicWrite: Counts = ({ isWrite, isAtomic }) => isWrite && isAtomic

/** How many such accesses `work` takes. */
export function countAccesses(probe: Probe, counts: Counts, work: () => unknown): number {
  let count = 0
  probe.before = (access) => {
    if (counts(access)) count++
  }
  work()
  probe.before = null
  return count
}

/** Does `work`, and `intrude` right before its access number `at`, from 0 on; after it if it has fewer. */
export function intrudedAt<T>(
  probe: Probe,
  counts: Counts,
  at: number,
  intrude: () => void,
  work: () => T,
): T {
  let count = 0
  probe.before = (access) => {
    if (!counts(access) || count++ !== at) return
    probe.before = null
    intrude()
  }
  const result = work()
  probe.before = null
  if (count <= at) intrude()
  return result
}

/** Does one thing after the other until access number `at`, where it ends for good; returns whether it has. */
export function endsAt(probe: Probe, counts: Counts, at: number, acts: readonly (() => unknown)[]): boolean {
  let count = 0
  let hasEnded = false
  probe.before = (access) => {
    if (!hasEnded && (!counts(access) || count++ < at)) return
    hasEnded = true
    throw DEATH
  }
  for (const act of acts) {
    try {
      // A promise that ends by it is of no interest.
      Promise.resolve(act()).catch(() => {})
    } catch (reason) {
      if (reason !== DEATH) throw reason
    }
    if (hasEnded) break
  }
  if (!hasEnded) probe.before = null
  return hasEnded
}
