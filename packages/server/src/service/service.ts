import type {
  CallOptions,
  Duration,
  Explanation,
  Health,
  KeyView,
  LimitRequest,
  Receipt,
  RefundOptions,
  ResilienceOptions,
  Settled,
  Store,
  SyncStore,
  Who,
} from 'headgate'
import type { Grant } from './access/grant.ts'
import type { Configuration, ConfigurationState, Rejection } from './configuration.ts'
import type { Decided, DecideOptions } from './create-decide.ts'
import type { Failure } from './describe-failure.ts'
import type { CallOrigin, OutsideEvent, ServiceEvents } from './events.ts'
import type { ConfigurationInForce } from './in-force.ts'
import type { PolicyListing } from './policy-listing.ts'
import type { PolicyUsage, UsageOptions } from './policy-usage.ts'
import type { Readiness } from './readiness.ts'
import type { Reserved, ReserveOptions, ReserveRequest } from './reservations.ts'
import type { Places } from './tally.ts'
import type { SpentFrom } from './tokens/tokens.ts'
import type { WaitOptions } from './waiting.ts'

/** What a store has counted, as far as it does. */
export interface StoreFigures {
  /** Keys that a store in memory holds. */
  readonly keys?: number
  /** Writes of a full store in memory to records that several keys share. */
  readonly overflowed?: number
  /** Records of Redis that were corrupt or foreign. */
  readonly unrecognized?: number
}

/** The store of the service, which may be made of several, with the one question readiness asks. */
export interface OpenStore {
  readonly store: Store
  /** Its URL, or theirs by name, without user, password and options, for people. */
  readonly label: string
  /** What the limiter is told of it; without effect on a store in this process, which cannot fail. */
  readonly resilience: ResilienceOptions
  /** Rejects when the store, or one of them, cannot answer. */
  ping(): Promise<void>
  /** What each has counted, by its name. */
  figures?(): Readonly<Record<string, StoreFigures>>
  /**
   * Names its prefix, or theirs: receipts are good where that and the keys are the same. Absent where budgets live in this
   * process: its receipts are good here alone.
   */
  readonly scope?: string
  /** Keeps its state for the next process, once nothing is spent any more; absent where that happens by itself, or not at all. */
  save?(): void
}

/** What limits all services of this process together, each in a thread of its own. */
export interface SharedLimits {
  /**
   * Of calls that wait.
   * @default those of this service alone
   */
  readonly waiters?: Places
  /**
   * Where requests of tokens are counted.
   * @default memory of this service alone
   */
  readonly tokens?: SyncStore
}

/** What a service is made of. */
export interface ServiceOptions {
  /** In force until another one is applied. */
  readonly configuration: Configuration
  readonly store: OpenStore
  /**
   * Why nobody is there to answer clients, where that is not this thread alone; null: somebody is.
   * @default always null
   */
  readonly whyUnserved?: () => string | null
  /** @default this service is alone in its process */
  readonly shared?: SharedLimits
}

/** Which budgets are meant, and who changes them. */
export interface ChangeOptions extends CallOrigin {
  /** @default all whose key the attributes determine */
  readonly policy?: string
}

/** The one thing every transport calls. Methods reject on wrong usage, and when the store cannot answer. */
export interface Service {
  /** Decides requests together: all of them pass and spend, or none does. */
  decide(requests: readonly LimitRequest[], options: DecideOptions): Promise<Decided>
  /** Counts what was spent already, also into debt: for wires that tell of a cost when it is known. Takes what `consume` takes. */
  report(requests: readonly LimitRequest[], options: Omit<DecideOptions, 'verb'>): Promise<Decided>
  /** `consume` of one request without a promise; null where the store does not answer at once. Throws what `decide` rejects with. */
  decideAtOnce(request: LimitRequest, origin: CallOrigin): Decided | null
  /** What `consume` would answer and why, without values that may be secrets. Spends nothing, and is no event. */
  explain(who: Who, options: CallOptions): Promise<Explanation>
  /** How policies stand under the keys that these attributes determine, as it may be told. Spends nothing, and is no event. */
  usage(who: Who, options?: UsageOptions): Promise<PolicyUsage[]>
  /**
   * A receipt as a text for a caller to keep, good for callers of one domain where that is given; null for one of more than
   * 48 KiB. A promise only in the first moments.
   */
  seal(receipt: Receipt, domain?: string): string | null | Promise<string | null>
  /** Gives back one spend, or a part of it, by such a text: at most once a receipt. Answers the units given back. */
  refund(receipt: string, options?: RefundOptions): Promise<number>
  /** As `refund`, of a receipt that has never left this process. */
  giveBack(receipt: Receipt, options?: RefundOptions): Promise<number>
  /** What such a text, or that of a reservation, stands for. */
  spentFrom(text: string): Promise<SpentFrom>
  /** Spends an estimate, to be settled later at this or any other service on the same store. */
  reserve(request: ReserveRequest, options: ReserveOptions): Promise<Reserved>
  /** Settles a reservation at the actual cost, at most once wherever that is asked. */
  settle(reservation: string, actual: number): Promise<Settled>
  /** Spends more for a reservation. The answer has the text that stands for all of it. */
  extend(reservation: string, more: number, origin: CallOrigin): Promise<Reserved>
  /** Consumes as soon as that is possible; a denial where that is not within the timeout. */
  wait(request: ReserveRequest, options: WaitOptions): Promise<Decided>
  /** Forgets what was spent under every key that these attributes determine. Answers the names of the policies reset. */
  reset(who: Who, options: ChangeOptions): Promise<string[]>
  /**
   * The budgets that a request spends from, as they may be told: events and lists name whom they are about by these keys alone.
   * Asks no store.
   */
  keysOf(who: Who, options?: { readonly policy?: string }): KeyView[]
  /** Denies every request under these keys for a time, from now. Answers the names of the policies reached, as the next. */
  block(who: Who, duration: Duration, options: ChangeOptions): Promise<string[]>
  /** Forgets what is remembered here of budgets that another thread or process has changed, so that the store decides on them. */
  forget(keys: readonly KeyView[]): void
  /** Forgets only denials that are remembered here, where another thread or process has given units back. */
  forgetDenials(keys: readonly KeyView[]): void
  /** Ends blocks and bans of these keys. */
  unblock(who: Who, options: ChangeOptions): Promise<string[]>
  /**
   * The service as the holder of a token may use it, this one where no configuration has tokens; counts as a request of that
   * token. Throws `unauthenticated` where it is missing or unknown, and `limited` where it sent too many.
   */
  callerOf(token: string | undefined): Service
  /** What its caller may do; null where there are no tokens, and all may do everything. */
  readonly grant: Grant | null
  /** Says what a caller may be told of an error, and tells those who listen. For every request that ends with one. */
  fail(reason: unknown, origin: CallOrigin): Failure
  /** Calls `listener` with every event of that name; returns its removal. What it throws fails no request. */
  on<E extends keyof ServiceEvents>(name: E, listener: (event: ServiceEvents[E]) => unknown): () => void
  /** Tells those who listen of what happened around the service. */
  tell<E extends OutsideEvent>(name: E, event: ServiceEvents[E]): void
  /** Throws where another configuration is wrong, so that it cannot be applied. Changes nothing. */
  check(configuration: Configuration): void
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
  /** How limiter and store are. */
  health(): Health
  /** Whether traffic may be sent here, for which a rejected configuration is no obstacle, and which configuration is in force. */
  readiness(): Promise<Readiness & { readonly configuration: ConfigurationState }>
  /** Says no to readiness from now on, and ends all waiting; requests are still answered. */
  drain(): void
  /** Whether it was told to drain: a transport may then ask callers to go elsewhere. */
  readonly isDraining: boolean
  /** Closes limiter and store. */
  close(): Promise<void>
}
