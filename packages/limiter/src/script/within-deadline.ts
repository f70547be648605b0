import type { Clock } from '../core/clock.ts'
import { timeoutError } from '../core/store-timeout.ts'
import type { Waiting } from './loaded-script.ts'

/** Resolves as `run` does, or rejects with `store-unavailable` once `deadlineMs` is over. */
export function withinDeadline<T>(
  run: (waiting: Waiting) => Promise<T>,
  { deadlineMs, clock }: { readonly deadlineMs: number; readonly clock: Clock },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const waiting = { isOver: false }
    const expire = (): void => {
      waiting.isOver = true
      reject(timeoutError(deadlineMs, 'store'))
    }
    // The second timer gives the event loop a turn to read a reply that arrived while this process was busy.
    let cancel = clock.after(deadlineMs, () => {
      cancel = clock.after(0, expire)
    })
    run(waiting)
      .then(resolve, reject)
      .finally(() => cancel())
  })
}
