import { errorTable } from '../core/error-table.ts'
import { HeadgateError } from '../core/errors.ts'
import type { Limiter } from '../core/limiter.ts'
import { warn } from '../core/warn.ts'
import type { Connection, Fields, Question } from './connection.ts'
import { readAnswer } from './read-answer.ts'
import { checkDeadline, type ServiceConfig } from './remote-options.ts'
import type { RemoteHealth } from './remote-types.ts'
import { ServiceFailure } from './service-failure.ts'

/** The fields of an answer. */
export type Answer = Fields

/** A decision to be asked for, and how to have it where the service does not answer. */
export interface Asked<D> {
  readonly question: Question
  readonly read: (answer: Answer) => D
  readonly standIn: (source: 'open' | 'closed') => D
  readonly local: (limiter: Limiter) => Promise<D>
  /** Whether a failure is thrown, for the caller to ask again, and `onError` does not decide. @default never */
  readonly isPassing?: ((failure: ServiceFailure) => boolean) | undefined
}

/** How long an answer may take. */
export interface Timing {
  readonly deadlineMs?: number | undefined
  /** How much longer than a decision it may take. */
  readonly extraMs?: number
  readonly signal?: AbortSignal | undefined
  /** @default false */
  readonly isRepeatable?: boolean
  /** @default false */
  readonly isFresh?: boolean
  /** @default false */
  readonly isHeld?: boolean
}

/** The longest deadline that the service knows. */
const SERVICE_DEADLINE_MAX_MS = 60_000

/** Asks the service, and says who decides where it does not answer. */
export class ServiceCalls {
  readonly #config: ServiceConfig
  readonly #connection: Connection
  readonly #decisions = { service: 0, onError: 0 }
  #lastFailure: RemoteHealth['lastFailure'] = null
  #hasWarned = false
  #hasWarnedOfOwn = false
  #isClosed = false

  constructor(config: ServiceConfig, connection: Connection) {
    this.#config = config
    this.#connection = connection
  }

  get health(): RemoteHealth {
    const { address: url } = this.#config
    return { url, lastFailure: this.#lastFailure, decisions: { ...this.#decisions } }
  }

  close(): void {
    this.#isClosed = true
    this.#connection.close()
  }

  /** A question that tells the service how long it may take for the decision. */
  timed(path: string, body: object, timing: Timing = {}): Question {
    const { deadlineMs = this.#config.deadlineMs, extraMs = 0, ...others } = timing
    checkDeadline(deadlineMs, 'options.deadlineMs')
    const sent = { ...body, deadlineMs: Math.min(deadlineMs, SERVICE_DEADLINE_MAX_MS) }
    return {
      isRepeatable: false,
      ...others,
      method: 'POST',
      path,
      body: sent,
      deadlineMs: deadlineMs + extraMs,
    }
  }

  /** A decision of the service, or of what stands in for it. */
  async decide<D>({ question, read, standIn, local, isPassing }: Asked<D>): Promise<D> {
    this.#checkOpen()
    try {
      const decision = read(readAnswer(await this.#connection.ask(question)))
      this.#decisions.service++
      return decision
    } catch (reason) {
      // The service is there, its store is not, and a policy denies meanwhile: a denial is a value here too.
      if (HeadgateError.is(reason) && reason.code === 'store-unavailable') {
        this.#decisions.service++
        return standIn('closed')
      }
      if (reason instanceof ServiceFailure && isPassing?.(reason) === true) throw reason
      this.#note(reason)
      this.#decisions.onError++
      const { onError } = this.#config
      return typeof onError === 'object' ? this.#own(() => local(onError), standIn) : standIn(onError)
    }
  }

  /** An answer that is no decision: nothing stands in for it. Done twice, what is asked here does no more than once. */
  async fetch<T>(path: string, read: (answer: Answer) => T, body?: object): Promise<T> {
    this.#checkOpen()
    const { deadlineMs } = this.#config
    const asked = body === undefined ? { method: 'GET' as const } : { method: 'POST' as const, body }
    try {
      return read(readAnswer(await this.#connection.ask({ ...asked, path, deadlineMs, isRepeatable: true })))
    } catch (reason) {
      this.#note(reason)
      throw new HeadgateError('store-unavailable', this.#sentence(reason as Error), { cause: reason })
    }
  }

  /** The decision of a limiter of this process; that of `open` where its policies do not fit the call. */
  async #own<D>(decide: () => Promise<D>, standIn: Asked<D>['standIn']): Promise<D> {
    try {
      return await decide()
    } catch (reason) {
      if (!isMistake(reason)) throw reason
      this.#warnOfOwn(reason)
      return standIn('open')
    }
  }

  #warnOfOwn(cause: HeadgateError): void {
    if (this.#hasWarnedOfOwn) return
    this.#hasWarnedOfOwn = true
    const what = `The limiter given as onError cannot decide a call of the service, which passes: ${cause.message}`
    warn('HEADGATE_STAND_IN', `${what}; give it policies with the names and keys of those of the service`)
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new HeadgateError('closed', 'This limiter was closed; create another one')
  }

  /** Notes a failure of the service; throws whatever else it was. */
  #note(reason: unknown): void {
    if (!(reason instanceof ServiceFailure)) throw reason
    this.#checkOpen()
    this.#lastFailure = { message: reason.message, at: Date.now() }
    if (this.#hasWarned) return
    this.#hasWarned = true
    const { onError } = this.#config
    const who = typeof onError === 'object' ? 'a limiter of this process decides' : `onError is ${onError}`
    warn('HEADGATE_SERVICE_UNAVAILABLE', `${this.#sentence(reason)}; ${who} meanwhile`)
  }

  #sentence({ message }: Error): string {
    return `The service at ${this.#config.address} ${message}`
  }
}

/** Whether a call, or its key, does not fit a limiter: no failure of a store, and no later call would do better. */
function isMistake(reason: unknown): reason is HeadgateError {
  if (!HeadgateError.is(reason)) return false
  const { http, retryable } = errorTable[reason.code]
  return http < 500 && !retryable
}
