import { HeadgateError } from '../core/errors.ts'
import type { Limiter } from '../core/limiter.ts'
import { Connection, type Question } from './connection.ts'
import { readAnswer } from './read-answer.ts'
import { checkDeadline, type RemoteConfig } from './remote-options.ts'
import type { RemoteHealth } from './remote-types.ts'
import { ServiceFailure } from './service-failure.ts'

/** The fields of an answer. */
export type Answer = Readonly<Record<string, unknown>>

/** A decision to be asked for, and how to have it where the service does not answer. */
export interface Asked<D> {
  readonly question: Question
  readonly read: (answer: Answer) => D
  readonly standIn: (source: 'open' | 'closed') => D
  readonly local: (limiter: Limiter) => Promise<D>
}

/** How long an answer may take. */
export interface Timing {
  readonly deadlineMs?: number | undefined
  /** How much longer than a decision it may take. */
  readonly extraMs?: number
  readonly signal?: AbortSignal | undefined
  /** @default false */
  readonly isRepeatable?: boolean
}

/** The longest deadline that the service knows. */
const SERVICE_DEADLINE_MAX_MS = 60_000

/** Asks the service, and says who decides where it does not answer. */
export class ServiceCalls {
  readonly #config: RemoteConfig
  readonly #connection: Connection
  readonly #decisions = { service: 0, onError: 0 }
  #lastFailure: RemoteHealth['lastFailure'] = null
  #hasWarned = false
  #isClosed = false

  constructor(config: RemoteConfig) {
    this.#config = config
    this.#connection = new Connection(config)
  }

  get health(): RemoteHealth {
    const { url } = this.#config
    return { url: url.href, lastFailure: this.#lastFailure, decisions: { ...this.#decisions } }
  }

  close(): void {
    this.#isClosed = true
    this.#connection.close()
  }

  /** A question that tells the service how long it may take for the decision. */
  timed(path: string, body: object, timing: Timing = {}): Question {
    const { deadlineMs = this.#config.deadlineMs, extraMs = 0, signal, isRepeatable = false } = timing
    checkDeadline(deadlineMs, 'options.deadlineMs')
    const sent = { ...body, deadlineMs: Math.min(deadlineMs, SERVICE_DEADLINE_MAX_MS) }
    return { method: 'POST', path, body: sent, deadlineMs: deadlineMs + extraMs, isRepeatable, signal }
  }

  /** A decision of the service, or of what stands in for it. */
  async decide<D>({ question, read, standIn, local }: Asked<D>): Promise<D> {
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
      this.#note(reason)
      this.#decisions.onError++
      const { onError } = this.#config
      return typeof onError === 'object' ? local(onError) : standIn(onError)
    }
  }

  /** An answer that is no decision: nothing stands in for it. Done twice, what is asked here does no more than once. */
  async fetch(path: string, body?: object): Promise<Answer> {
    this.#checkOpen()
    const { deadlineMs } = this.#config
    const method = body === undefined ? 'GET' : 'POST'
    try {
      return readAnswer(
        await this.#connection.ask({ method, path, ...(body && { body }), deadlineMs, isRepeatable: true }),
      )
    } catch (reason) {
      this.#note(reason)
      throw new HeadgateError('store-unavailable', this.#sentence(reason as Error), { cause: reason })
    }
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
    process.emitWarning(`${this.#sentence(reason)}; ${who} meanwhile`, {
      type: 'HeadgateWarning',
      code: 'HEADGATE_SERVICE_UNAVAILABLE',
      detail: 'docs/guide/remote-client.md#while-the-service-does-not-answer',
    })
  }

  #sentence({ message }: Error): string {
    return `The service at ${this.#config.url.href} ${message}`
  }
}
