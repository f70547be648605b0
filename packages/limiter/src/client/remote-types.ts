import type { Credited, Decision } from '../core/decision.ts'
import type { Duration } from '../core/duration.ts'
import type { Explanation } from '../core/explanation.ts'
import type { Who } from '../core/key.ts'
import type {
  CallOptions,
  DecisionEvent,
  LimitRequest,
  RefundOptions,
  ReserveOptions,
  WaitOptions,
} from '../core/limiter.ts'
import type { Receipt } from '../core/receipt.ts'
import type { Settled } from '../core/reservation-handle.ts'

/** Proof of a spend: a text that the service has sealed; an object where a limiter of your own decided. */
export type RemoteReceipt = string | Receipt

/** A decision of another process; it has the fields of any other. */
export type RemoteDecision = Receipted<Decision>

/** The answer of `credit`. */
export type RemoteCredited = Receipted<Credited>

type Receipted<D> = D extends { readonly receipt: null }
  ? D
  : Omit<D, 'receipt'> & { readonly receipt: RemoteReceipt | null }

/** An estimate that was spent, to be settled at the actual cost; as `Reservation` of the library. */
export type RemoteReservation = RemoteDecision & {
  /** Units held: the estimate plus extensions; 0 when denied or settled. */
  readonly held: number
  /** Settles at the actual cost, at most once. Asked again where a connection breaks. */
  settle(actual: number): Promise<void>
  /** Spends more units for this reservation; a denial leaves it as it was. Never sent twice. */
  extend(more: number): Promise<RemoteDecision>
  /** Settles at 0: gives everything back. */
  cancel(): Promise<void>
  /** The text by which another process settles it at the service; null where there is none: it was denied, or not made there. */
  handle(): string | null
  /** Leaving an `await using` scope without settling settles at what is held. */
  [Symbol.asyncDispose](): Promise<void>
}

/** A reservation that another process made at the service, by its handle. It is extended where it was made. */
export interface RemoteResumed {
  /** Settles at the actual cost, at most once whoever does it. Asked again where a connection breaks. */
  settle(actual: number): Promise<Settled>
  /** Settles at 0. */
  cancel(): Promise<Settled>
}

/** The answer to several requests that are decided together. */
export interface RemoteJointDecision {
  readonly allowed: boolean
  readonly retryAfterMs: number | null
  /** One for each request, in the same order. */
  readonly decisions: readonly RemoteDecision[]
}

/** What is known of the service. */
export interface RemoteHealth {
  /** Where it is. */
  readonly url: string
  /** What happened last that was no answer, and when, in milliseconds since the Unix epoch; null where nothing has. */
  readonly lastFailure: { readonly message: string; readonly at: number } | null
  /** How many decisions the service made, and how many `onError` made in its place. */
  readonly decisions: { readonly service: number; readonly onError: number }
}

/**
 * A limiter whose decisions a service makes. Its methods are those of `Limiter` but for `consumeSync`, and so are their decisions, but for the
 * receipt. While the service does not answer, `onError` decides; what is no decision then rejects with `store-unavailable`.
 */
export interface RemoteLimiter {
  /** Spends if every matching policy has the units. Never sent twice. */
  consume(who: Who, options?: CallOptions): Promise<RemoteDecision>
  /** The decision that `consume` would make now. */
  peek(who: Who, options?: CallOptions): Promise<RemoteDecision>
  /** Decides requests together: all of them pass and spend, or none does. Never sent twice. */
  decide(
    requests: readonly LimitRequest[],
    options?: Pick<CallOptions, 'deadlineMs'>,
  ): Promise<RemoteJointDecision>
  /** Spends an estimate, to be settled later at the actual cost. Never sent twice. */
  reserve(who: Who, options?: ReserveOptions): Promise<RemoteReservation>
  /** A reservation that was made elsewhere, by the text of its `handle()`, which the service authenticates. */
  resume(handle: string): RemoteResumed
  /**
   * Consumes as soon as it can, first come first served per key of an instance; a denial where that cannot be within `timeout`.
   * Longer waits are asked for in parts of half a minute. Never sent twice.
   */
  wait(who: Who, options?: WaitOptions): Promise<RemoteDecision>
  /** Spends even into debt. Never sent twice. */
  charge(who: Who, cost: number, options?: Omit<CallOptions, 'cost'>): Promise<RemoteDecision>
  /** Gives back up to `cost` units, the newest spends first. Never sent twice. */
  credit(who: Who, cost: number, options?: Omit<CallOptions, 'cost'>): Promise<RemoteCredited>
  /** Gives one spend back by its receipt, at most once; resolves to the units given back. */
  refund(receipt: RemoteReceipt, options?: RefundOptions): Promise<number>
  /** Forgets what was spent under every key that these attributes determine; resolves to the names of the policies reset. */
  reset(who: Who, options?: Pick<CallOptions, 'policy'>): Promise<string[]>
  /** Denies every call on these budgets for a time; resolves to the names of the policies. */
  block(who: Who, duration: Duration, options?: Pick<CallOptions, 'policy'>): Promise<string[]>
  /** Ends blocks and bans; resolves to the names of the policies. */
  unblock(who: Who, options?: Pick<CallOptions, 'policy'>): Promise<string[]>
  /** Why a call of `consume` would be decided as it would. */
  explain(who: Who, options?: Pick<CallOptions, 'cost' | 'policy'>): Promise<Explanation>
  /** The policies in force at the service. */
  readonly policies: { list(): Promise<readonly object[]> }
  /** What is known of the service; asks nobody. */
  health(): RemoteHealth
  /** Calls `listener` with every decision; the returned function removes it. */
  on(event: 'decision', listener: (decision: RemoteDecision, event: DecisionEvent) => unknown): () => void
  /** Ends the connections; calls from then on reject with `closed`. A limiter given as `onError` stays open. */
  close(): Promise<void>
}
