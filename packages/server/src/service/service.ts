import {
  type CallOptions,
  createLimiter,
  type Duration,
  type Explanation,
  HeadgateError,
  type KeyView,
  type LimitRequest,
  type Receipt,
  type RefundOptions,
  type ResilienceOptions,
  type Settled,
  type Store,
  type Who,
} from 'headgate'
import { createAnnounce } from './announce.ts'
import type { Configuration, ConfigurationState, Rejection } from './configuration.ts'
import { createDecide, type Decided, type DecideOptions } from './create-decide.ts'
import { describeFailure, type Failure } from './describe-failure.ts'
import { type CallOrigin, Events, type OutsideEvents, type ServiceEvents } from './events.ts'
import { type ConfigurationInForce, InForce } from './in-force.ts'
import type { PolicyListing } from './policy-listing.ts'
import { type Readiness, ReadinessCheck } from './readiness.ts'
import { Reservations, type Reserved, type ReserveOptions, type ReserveRequest } from './reservations.ts'
import { shownExplanation } from './shown-explanation.ts'
import { TokenKeys } from './tokens/token-keys.ts'
import { Tokens } from './tokens/tokens.ts'
import { Waiting, type WaitOptions } from './waiting.ts'
import { reaching } from './wire-policy.ts'

/** The store of the service, which may be made of several, with the one question readiness asks. */
export interface OpenStore {
  readonly store: Store
  /** Its URL, or theirs by name, without user, password and options, for people. */
  readonly label: string
  /** What the limiter is told of it; without effect on a store in this process, which cannot fail. */
  readonly resilience: ResilienceOptions
  /** Rejects when the store, or one of them, cannot answer. */
  ping(): Promise<void>
  /**
   * Names its prefix, or theirs: receipts are good where that and the keys are the same. Absent where budgets live in this
   * process: its receipts are good here alone.
   */
  readonly scope?: string
  /** Keeps its state for the next process, once nothing is spent any more; absent where that happens by itself, or not at all. */
  save?(): void
}

/** What a service is made of. */
export interface ServiceOptions {
  /** In force until another one is applied. */
  readonly configuration: Configuration
  readonly store: OpenStore
}

/** The one thing every transport calls. Methods reject on wrong usage, and when the store cannot answer. */
export interface Service {
  /** Decides requests together: all of them pass and spend, or none does. */
  decide(requests: readonly LimitRequest[], options: DecideOptions): Promise<Decided>
  /** What `consume` would answer and why, without values that may be secrets. Spends nothing, and is no event. */
  explain(who: Who, options: CallOptions): Promise<Explanation>
  /** A receipt as a text for a caller to keep; null for one of more than 48 KiB. A promise only in the first moments. */
  seal(receipt: Receipt): string | null | Promise<string | null>
  /** Gives back one spend, or a part of it, by such a text: at most once a receipt. Answers the units given back. */
  refund(receipt: string, options?: RefundOptions): Promise<number>
  /** Spends an estimate, to be settled later at this or any other service on the same store. */
  reserve(request: ReserveRequest, options: ReserveOptions): Promise<Reserved>
  /** Settles a reservation at the actual cost, at most once wherever that is asked. */
  settle(reservation: string, actual: number): Promise<Settled>
  /** Spends more for a reservation. The answer has the text that stands for all of it. */
  extend(reservation: string, more: number, origin: CallOrigin): Promise<Reserved>
  /** Consumes as soon as that is possible; a denial where that is not within the timeout. */
  wait(request: ReserveRequest, options: WaitOptions): Promise<Decided>
  /** Forgets what was spent under every key that these attributes determine. Answers the names of the policies reset. */
  reset(who: Who, options?: { readonly policy?: string }): Promise<string[]>
  /**
   * The budgets that a request spends from, as they may be told: events and lists name whom they are about by these keys alone.
   * Asks no store.
   */
  keysOf(who: Who, options?: { readonly policy?: string }): KeyView[]
  /** Denies every request under these keys for a time, from now. Answers the names of the policies reached, as the next. */
  block(who: Who, duration: Duration, options?: { readonly policy?: string }): Promise<string[]>
  /** Ends blocks and bans of these keys. */
  unblock(who: Who, options?: { readonly policy?: string }): Promise<string[]>
  /** Says what a caller may be told of an error, and tells those who listen. For every request that ends with one. */
  fail(reason: unknown, origin: CallOrigin): Failure
  /** Calls `listener` with every event of that name; returns its removal. What it throws fails no request. */
  on<E extends keyof ServiceEvents>(name: E, listener: (event: ServiceEvents[E]) => unknown): () => void
  /** Tells those who listen of what happened around the service. */
  tell<E extends keyof OutsideEvents>(name: E, event: OutsideEvents[E]): void
  /**
   * Puts another configuration in force as a whole; where it is wrong, throws and changes nothing. Stores stay open. One with
   * the hash of that in force only ends a rejection.
   */
  apply(configuration: Configuration): void
  /** Says why another configuration is not in force, until one is applied. */
  reject(rejection: Rejection): void
  /** The configuration in force, one object until another one is applied. Has secrets. */
  configuration(): ConfigurationInForce
  /** The configuration in force, as it may be shown. */
  policies(): PolicyListing
  /** Whether traffic may be sent here, for which a rejected configuration is no obstacle, and which configuration is in force. */
  readiness(): Promise<Readiness & { readonly configuration: ConfigurationState }>
  /** Says no to readiness from now on, and ends all waiting; requests are still answered. */
  drain(): void
  /** Whether it was told to drain: a transport may then ask callers to go elsewhere. */
  readonly isDraining: boolean
  /** Closes limiter and store. */
  close(): Promise<void>
}

/** Creates the service on an open store, which it closes in the end. */
export function createService({ store: opened, configuration }: ServiceOptions): Service {
  const { store, resilience, ping } = opened
  const events = new Events()
  const { policies, allow, deny } = configuration
  const limiter = createLimiter({ policies, allow, deny, store, ...resilience })
  const inForce = new InForce(limiter, events, configuration)
  const current = (): ConfigurationInForce => inForce.configuration
  const announce = createAnnounce(events, () => limiter.health())
  const keys = new TokenKeys(opened, current)
  const tokens = new Tokens(keys)
  const reservations = new Reservations({ limiter, tokens, announce, configuration: current })
  const waiting = new Waiting({ limiter, announce, configuration: current })
  const readiness = new ReadinessCheck({
    // Receipts that others take belong to what an instance has to be able to do.
    ping: () => Promise.all([ping(), keys.prepare()]).then(() => {}),
    isStoreDown: () => limiter.health().breaker !== 'closed',
  })
  return {
    explain: async (who, options) => shownExplanation(await limiter.explain(who, options)),
    decide: createDecide(limiter, announce, current),
    reserve: (request, options) => reservations.reserve(request, options),
    settle: (text, actual) => reservations.settle(text, actual),
    extend: (text, more, origin) => reservations.extend(text, more, origin),
    wait: (request, options) => waiting.wait(request, options),
    seal: (receipt) => tokens.receipt(receipt),
    refund: async (receipt, options) => limiter.refund(await tokens.openReceipt(receipt), options),
    reset: async (who, options = {}) => determined(await limiter.reset(who, reaching(options)), options),
    keysOf: (who, options = {}) => limiter.policies.keysOf(who, reaching(options)),
    block: async (who, duration, options = {}) =>
      determined(await limiter.block(who, duration, reaching(options)), options),
    unblock: async (who, options = {}) => determined(await limiter.unblock(who, reaching(options)), options),
    fail: (reason, { transport }) => {
      const failure = describeFailure(reason)
      events.emit('failure', { failure, transport })
      return failure
    },
    on: (name, listener) => events.on(name, listener),
    tell: (name, event) => events.emit(name, event),
    apply: (next) => inForce.apply(next),
    reject: (rejection) => inForce.reject(rejection),
    configuration: () => inForce.configuration,
    policies: () => inForce.list(),
    readiness: async () => ({ ...(await readiness.read()), configuration: inForce.state }),
    drain: () => {
      readiness.drain()
      waiting.stop()
    },
    get isDraining() {
      return readiness.isDraining
    },
    close: async () => {
      await limiter.close()
      await store.close()
    },
  }
}

/** The policies reached; an error where none was: whoever wanted that named nobody. */
function determined(policies: string[], { policy }: { readonly policy?: string }): string[] {
  if (policies.length > 0 || policy !== undefined) return policies
  const message =
    'no policy has a key that these attributes determine; give those of its key, or name the policy'
  throw new HeadgateError('invalid-key', message)
}
