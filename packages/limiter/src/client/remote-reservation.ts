import { HeadgateError } from '../core/errors.ts'
import type { RemoteDecision, RemoteReservation } from './remote-types.ts'

/** What holds the units: the service, or a limiter of this process. */
export interface Holder {
  /** Units held at first. */
  readonly held: number
  /** Rejects where it does not answer. */
  settle(actual: number): Promise<void>
  /** The decision, and what is held from then on. */
  extend(more: number, held: number): Promise<{ readonly decision: RemoteDecision; readonly held: number }>
  /** See `RemoteReservation.handle`. */
  handle(): string | null
}

/** Adds to a decision what is done with its units, one operation after another. */
export function remoteReservation(decision: RemoteDecision, holder: Holder): RemoteReservation {
  const { allowed } = decision
  let held = allowed ? holder.held : 0
  let isSettled = false
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!allowed) throw over('was denied')
    const done = last.then(work, work)
    last = done
    return done
  }
  const settle = async (actual: number): Promise<void> => {
    if (isSettled) return
    await holder.settle(actual)
    isSettled = true
    held = 0
  }
  const extend = async (more: number): Promise<RemoteDecision> => {
    if (isSettled) throw over('was settled')
    const extended = await holder.extend(more, held)
    held = extended.held
    return extended.decision
  }
  const methods = {
    settle: (actual: number) => inTurn(() => settle(actual)),
    extend: (more: number) => inTurn(() => extend(more)),
    cancel: async () => (allowed ? inTurn(() => settle(0)) : undefined),
    handle: () => (allowed ? holder.handle() : null),
    [Symbol.asyncDispose]: async () => (allowed ? inTurn(() => settle(held)) : undefined),
  }
  const reservation = { ...decision, held, ...methods }
  return Object.defineProperty(reservation, 'held', { get: () => held, enumerable: true })
}

function over(what: string): HeadgateError {
  return new HeadgateError(
    'invalid-options',
    `this reservation ${what}; look at allowed first, and reserve anew`,
  )
}
