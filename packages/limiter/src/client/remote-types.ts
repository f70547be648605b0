import type { Credited, Decision } from '../core/decision.ts'
import type { Who } from '../core/key.ts'
import type { CallOptions, DecisionEvent, LimitRequest, RefundOptions } from '../core/limiter.ts'
import type { Receipt } from '../core/receipt.ts'

/** Proof of a spend: a text that the service has sealed; an object where a limiter of your own decided. */
export type RemoteReceipt = string | Receipt

/** A decision of another process; it has the fields of any other. */
export type RemoteDecision = Receipted<Decision>

/** The answer of `credit`. */
export type RemoteCredited = Receipted<Credited>

type Receipted<D> = D extends { readonly receipt: null }
  ? D
  : Omit<D, 'receipt'> & { readonly receipt: RemoteReceipt | null }

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
 * A limiter whose decisions a service makes. Its methods are those of `Limiter`, and so are their decisions, but for the
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
  /** Spends even into debt. Never sent twice. */
  charge(who: Who, cost: number, options?: Omit<CallOptions, 'cost'>): Promise<RemoteDecision>
  /** Gives back up to `cost` units, the newest spends first. Never sent twice. */
  credit(who: Who, cost: number, options?: Omit<CallOptions, 'cost'>): Promise<RemoteCredited>
  /** Gives one spend back by its receipt, at most once; resolves to the units given back. */
  refund(receipt: RemoteReceipt, options?: RefundOptions): Promise<number>
  /** Forgets what was spent under every key that these attributes determine; resolves to the names of the policies reset. */
  reset(who: Who, options?: Pick<CallOptions, 'policy'>): Promise<string[]>
  /** The policies in force at the service. */
  readonly policies: { list(): Promise<readonly object[]> }
  /** What is known of the service; asks nobody. */
  health(): RemoteHealth
  /** Calls `listener` with every decision; the returned function removes it. */
  on(event: 'decision', listener: (decision: RemoteDecision, event: DecisionEvent) => unknown): () => void
  /** Ends the connections; calls from then on reject with `closed`. A limiter given as `onError` stays open. */
  close(): Promise<void>
}
