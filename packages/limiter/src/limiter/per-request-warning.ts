import type { Store } from '../core/store.ts'
import { warnOnce } from '../core/warn.ts'
import type { MemoryStore } from '../stores/memory/index.ts'

/** So many limiters that each began empty are no configuration any more. */
const LIMITERS_MAX = 100

const seen = new WeakSet<Store>()
/** The store of the last limiter; it may be gone, since nobody keeps the limiter of a request. */
let last: WeakRef<MemoryStore> | null = null
/** Limiters that were not closed, of which each began when the one before it had been used. */
let count = 0

/**
 * Notes a limiter on a store in memory. While a program starts, limiters wait for their first call; one that is made after the last
 * one was used, a hundred times over and never closed, is likely made for each request, and then limits nothing: it warns of that.
 * Returns what is to be called when the limiter closes.
 */
export function noteLimiter(store: MemoryStore): () => void {
  if (seen.has(store)) return () => {}
  seen.add(store)
  const isCounted = last !== null && last.deref()?.stats().keys !== 0
  last = new WeakRef(store)
  if (!isCounted) return () => {}
  count++
  if (count >= LIMITERS_MAX) {
    const what = `${LIMITERS_MAX} limiters were created after others were in use, each with an empty store of its own`
    warnOnce(
      'HEADGATE_LIMITER_PER_REQUEST',
      `${what}; create a limiter once, outside of what handles requests`,
    )
  }
  return () => {
    count--
  }
}
