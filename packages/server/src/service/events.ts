import {
  type Decision,
  type DecisionVerb,
  HeadgateError,
  type Health,
  type KeyView,
  type LimitRequest,
} from 'headgate'
import type { CertificateInForce } from './certificate.ts'
import type { ChangeRecord } from './changes/change-record.ts'
import type { ConfigurationState, NotInForce, Rejection } from './configuration.ts'
import type { Failure } from './describe-failure.ts'
import type { PolicyViolated, RequestJudged, RequestProxied, TargetHealthChanged } from './proxy-events.ts'
import type { RecordingTold } from './record/recording-told.ts'

/** What happens in a service, by the name of the event. */
export interface ServiceEvents {
  readonly decision: DecisionMade
  readonly failure: RequestFailed
  readonly configuration: ConfigurationApplied
  readonly 'configuration-rejected': ConfigurationRejected
  readonly degraded: DecidedWithoutStore
  readonly 'connection-refused': ConnectionRefused
  readonly 'connection-ended': ConnectionEnded
  readonly 'near-limit': NearLimit
  readonly change: StateChanged
  readonly returned: UnitsReturned
  readonly 'policy-change': PolicyChanged
  readonly certificate: CertificateApplied
  readonly 'certificate-rejected': CertificateRejected
  readonly proxied: RequestProxied
  readonly 'target-health': TargetHealthChanged
  readonly 'csp-report': PolicyViolated
  readonly judged: RequestJudged
  readonly recording: RecordingTold & CallOrigin
}

/** Events of what happens around the service, which it is told. */
export type OutsideEvent =
  | 'connection-refused'
  | 'connection-ended'
  | 'certificate'
  | 'certificate-rejected'
  | 'policy-change'
  | 'proxied'
  | 'target-health'
  | 'csp-report'
  | 'judged'
  | 'recording'

/** How a call came in. */
export interface CallOrigin {
  /** Name of the transport; one of few. */
  readonly transport: string
  /**
   * Name of the token that it came with.
   * @default the service takes calls without one
   */
  readonly actor?: string
  /**
   * The span that it is a part of, as a field `traceparent` has it.
   * @default it is part of no trace
   */
  readonly trace?: string
}

/** The origin alone, of options that have one. */
export function originOf({
  transport,
  actor,
  trace,
}: {
  readonly transport: string
  readonly actor?: string | undefined
  readonly trace?: string | undefined
}): CallOrigin {
  if (trace !== undefined) return { transport, trace, ...(actor !== undefined && { actor }) }
  return actor === undefined ? { transport } : { transport, actor }
}

/** A request was decided: by policies, by the lists, or in place of a store that did not answer. */
export interface DecisionMade extends CallOrigin {
  readonly decision: Decision
  /** By which a denial is found again, as answers have it; null where it is none. */
  readonly id: string | null
  /** What was asked. Has identities: whoever shows or keeps it has to hide them. Null for more of a reservation. */
  readonly request: DecidedRequest | null
  readonly verb: DecisionVerb
  /** From the call of the service to the decision, in milliseconds; requests decided together share it. */
  readonly durationMs: number
  /** Units asked for. */
  readonly cost: number
  /**
   * Where it stands in a joint decision; such events follow each other at once.
   * @default it was decided alone
   */
  readonly joint?: JointPlace
}

/** One of several requests that were decided together. */
export interface JointPlace {
  /** From 0. */
  readonly place: number
}

/** What was asked, as far as listeners need it. */
export type DecidedRequest = Pick<LimitRequest, 'who' | 'policy' | 'cost' | 'limit' | 'rule' | 'anyOf'>

/** A request passed, and little is left of the binding rule: at most a fifth. */
export interface NearLimit extends CallOrigin {
  readonly decision: Decision
}

/** State was changed apart from decisions, by somebody who may. */
export interface StateChanged extends CallOrigin {
  readonly action: 'reset' | 'block' | 'unblock'
  /** The budgets that were reached, or were meant to be. Has identities: whoever shows or keeps it has to hide them. */
  readonly keys: readonly KeyView[]
  /** Names of their policies. */
  readonly policies: readonly string[]
  readonly outcome: ChangeOutcome
}

/** Units were given back by a receipt or a reservation. */
export interface UnitsReturned {
  /** The budgets that they were spent from. */
  readonly keys: () => readonly KeyView[]
}

/**
 * What became of a change: it is `done`; its answer was lost, so that it may hold in the store, and here (`unknown`); or the store was
 * not asked, and it holds at this instance alone while it decides without the store (`here-only`).
 */
export type ChangeOutcome = 'done' | 'unknown' | 'here-only'

/** A policy was changed at run time, or the switch that puts all in shadow: told by the process that changed it. */
export interface PolicyChanged extends CallOrigin, Omit<ChangeRecord, 'actor' | 'transport'> {}

/** A request was answered with an error: by the caller's mistake, or by ours. */
export interface RequestFailed extends CallOrigin {
  readonly failure: Failure
}

/** Another configuration came into force, or the one in force was offered again after another had been rejected. */
export interface ConfigurationApplied extends Pick<ConfigurationState, 'hash' | 'shadow'> {
  /** Version of what was changed at run time; absent where that is not known. */
  readonly version?: string
  /** How many policies it has. */
  readonly policies: number
  readonly notInForce: readonly NotInForce[]
  /** Whether it is another one than before. */
  readonly isNew: boolean
}

/** Another configuration was wrong: the old one stays in force. Told once for as long as the reason is the same. */
export interface ConfigurationRejected extends ConfigurationState {
  readonly rejected: Rejection
}

/** A decision was made although the store did not answer, as `onStoreError` says. */
export interface DecidedWithoutStore extends CallOrigin {
  /** How limiter and store are now. */
  readonly health: () => Health
}

/**
 * Why a connection was not taken: all that there may be are open (`total`), or all of that peer (`peer`), its handshake failed or
 * took too long (`handshake`), or the system could not, as where file descriptors ran out (`system`); or its address holds too
 * many octets, of requests that are not whole and of answers that it does not take (`octets`); or it takes none of its answers
 * (`late`).
 */
export type RefusalReason = 'total' | 'peer' | 'handshake' | 'system' | 'octets' | 'late'

/** A connection was closed before a request was read; with the reasons `octets` and `late` at any time. */
export interface ConnectionRefused extends CallOrigin {
  readonly reason: RefusalReason
}

/** A connection was ended since its client asks too much, or does not keep to the protocol. */
export interface ConnectionEnded extends CallOrigin {
  /** One word of few. */
  readonly reason: string
  /** The same for people. */
  readonly message: string
}

/** Listeners have this certificate from now on: at the start, and whenever its files have changed or are right again. */
export interface CertificateApplied extends CertificateInForce {
  /** Whether it, its key or the authority of clients is another one than before. */
  readonly isNew: boolean
}

/** The files of the certificate are wrong: the old one stays. Told once for as long as the reason is the same. */
export interface CertificateRejected extends CertificateInForce {
  /** One sentence that names the file. */
  readonly message: string
}

type Listener<E extends keyof ServiceEvents> = (event: ServiceEvents[E]) => unknown

/** Most causes reported: a listener whose messages all differ must not flood standard error. */
const CAUSES_MAX = 16

/** Who listens to a service: counters, logs. What they throw is a warning of the process, and fails no request. */
export class Events {
  readonly #listeners = new Map<keyof ServiceEvents, Set<Listener<never>>>()
  readonly #reported = new Set<string>()

  /** Calls `listener` with every event of that name; returns its removal. */
  on<E extends keyof ServiceEvents>(name: E, listener: Listener<E>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    // A function of its own, so that the same listener can be added twice and removed once.
    const own: Listener<E> = (event) => listener(event)
    listeners.add(own)
    return () => void listeners.delete(own)
  }

  emit<E extends keyof ServiceEvents>(name: E, event: ServiceEvents[E]): void {
    for (const listener of this.#listeners.get(name) ?? []) this.#tell(listener as Listener<E>, event)
  }

  #tell<E extends keyof ServiceEvents>(listener: Listener<E>, event: ServiceEvents[E]): void {
    try {
      const answer = listener(event)
      if (answer instanceof Promise) answer.catch((reason: unknown) => this.#report(reason))
    } catch (reason) {
      this.#report(reason)
    }
  }

  #report(reason: unknown): void {
    const { message } = HeadgateError.from(reason)
    if (this.#reported.has(message) || this.#reported.size >= CAUSES_MAX) return
    this.#reported.add(message)
    process.emitWarning(`A listener of the service failed: ${message}; requests are answered all the same`, {
      type: 'HeadgateWarning',
      code: 'HEADGATE_LISTENER',
    })
  }
}
