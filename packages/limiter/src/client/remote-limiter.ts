import type { Decision } from '../core/decision.ts'
import { HeadgateError } from '../core/errors.ts'
import type { DescriptorEntry, Who } from '../core/key.ts'
import type { CallOptions, DecisionVerb, Limiter, LimitRequest, RefundOptions } from '../core/limiter.ts'
import { Listeners } from '../core/listeners.ts'
import { checkCost, checkFields } from '../core/validate.ts'
import { Connection, type Question } from './connection.ts'
import { asDecision, readAnswer } from './read-answer.ts'
import {
  checkDeadline,
  type RemoteConfig,
  type RemoteLimiterOptions,
  resolveRemoteOptions,
} from './remote-options.ts'
import type {
  RemoteCredited,
  RemoteDecision,
  RemoteHealth,
  RemoteJointDecision,
  RemoteLimiter,
  RemoteReceipt,
} from './remote-types.ts'
import { ServiceFailure } from './service-failure.ts'
import { standInDecision } from './stand-in.ts'

const CALL_FIELDS = ['cost', 'limit', 'policy', 'rule', 'deadlineMs']

/** A decision to be asked for, and how to have it where the service does not answer. */
interface Asked<D> {
  readonly verb: DecisionVerb
  readonly question: Question
  readonly read: (body: Readonly<Record<string, unknown>>) => D
  readonly standIn: (source: 'open' | 'closed') => D
  readonly local: (limiter: Limiter) => Promise<D>
}

/** Creates a limiter whose decisions the service at `url` makes; wrong options are `invalid-options` errors. */
export function createRemoteLimiter(options: RemoteLimiterOptions = {}): RemoteLimiter {
  return new ServiceLimiter(resolveRemoteOptions(options))
}

class ServiceLimiter implements RemoteLimiter {
  readonly #config: RemoteConfig
  readonly #connection: Connection
  readonly #listeners = new Listeners<RemoteDecision>({ now: () => performance.now() * 1000 })
  readonly #decisions = { service: 0, onError: 0 }
  #lastFailure: RemoteHealth['lastFailure'] = null
  #hasWarned = false
  #isClosed = false

  constructor(config: RemoteConfig) {
    this.#config = config
    this.#connection = new Connection(config)
  }

  readonly policies: RemoteLimiter['policies'] = {
    list: async () => {
      const body = await this.#fetch({ method: 'GET', path: '/v1/policies', isRepeatable: true })
      return body['policies'] as readonly object[]
    },
  }

  consume(who: Who, options: CallOptions = {}): Promise<RemoteDecision> {
    return this.#decide('consume', { who, options, local: (limiter) => limiter.consume(who, options) })
  }

  peek(who: Who, options: CallOptions = {}): Promise<RemoteDecision> {
    return this.#decide('peek', { who, options, local: (limiter) => limiter.peek(who, options) })
  }

  charge(who: Who, cost: number, options: Omit<CallOptions, 'cost'> = {}): Promise<RemoteDecision> {
    const local = (limiter: Limiter) => limiter.charge(who, cost, options)
    return this.#decide('charge', { who, options: { ...options, cost }, local })
  }

  async credit(who: Who, cost: number, options: Omit<CallOptions, 'cost'> = {}): Promise<RemoteCredited> {
    const local = (limiter: Limiter) => limiter.credit(who, cost, options)
    const decision = await this.#decide('credit', { who, options: { ...options, cost }, local })
    return { credited: 0, ...decision }
  }

  async decide(
    requests: readonly LimitRequest[],
    options: Pick<CallOptions, 'deadlineMs'> = {},
  ): Promise<RemoteJointDecision> {
    checkFields(options, ['deadlineMs'], 'options')
    const body = {
      together: true,
      requests: requests.map(({ who, ...rest }) => ({ ...bodyOf(who), ...rest })),
    }
    const question = this.#question({ path: '/v1/batch', body, isRepeatable: false }, options.deadlineMs)
    const costs = requests.map(({ cost = 1 }) => checkCost(cost))
    return this.#askOrStandIn({
      question,
      read: (answer) => jointOf(answer, requests.length),
      standIn: (source) => jointStandIn(source, costs),
      local: (limiter) => limiter.decide(requests, options),
    })
  }

  async refund(receipt: RemoteReceipt, options: RefundOptions = {}): Promise<number> {
    const { onError } = this.#config
    if (typeof receipt !== 'string') {
      if (typeof onError === 'object') return onError.refund(receipt, options)
      throw new HeadgateError(
        'invalid-receipt',
        'this receipt is not of the service; pass the text of a decision',
        { path: 'receipt' },
      )
    }
    const body = await this.#fetch({ path: '/v1/refund', body: { receipt, ...options }, isRepeatable: true })
    return Number(body['refunded'])
  }

  async reset(who: Who, options: Pick<CallOptions, 'policy'> = {}): Promise<string[]> {
    checkFields(options, ['policy'], 'options')
    const body = await this.#fetch({
      path: '/v1/reset',
      body: { ...bodyOf(who), ...options },
      isRepeatable: true,
    })
    return body['policies'] as string[]
  }

  health(): RemoteHealth {
    const { url } = this.#config
    return { url: url.href, lastFailure: this.#lastFailure, decisions: { ...this.#decisions } }
  }

  on(event: 'decision', listener: Parameters<RemoteLimiter['on']>[1]): () => void {
    if (event !== 'decision')
      throw new HeadgateError('invalid-options', `the only event is decision`, { path: 'on' })
    return this.#listeners.add(listener)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#connection.close()
  }

  async #decide(
    verb: 'consume' | 'peek' | 'charge' | 'credit',
    {
      who,
      options,
      local,
    }: { who: Who; options: CallOptions; local: (limiter: Limiter) => Promise<Decision> },
  ): Promise<RemoteDecision> {
    checkFields(options, CALL_FIELDS, 'options')
    const cost = checkCost(options.cost ?? 1)
    const { deadlineMs, ...rest } = options
    const startedUs = this.#listeners.start()
    const asked = { path: `/v1/${verb}`, body: { ...bodyOf(who), ...rest }, isRepeatable: verb === 'peek' }
    const decision = await this.#askOrStandIn<RemoteDecision>({
      question: this.#question(asked, deadlineMs),
      read: asDecision,
      standIn: (source) => standInDecision(source, cost),
      local: async (limiter) => ({ ...(await local(limiter)), source: 'fallback' }),
    })
    return this.#listeners.emit(verb, decision, startedUs)
  }

  async #askOrStandIn<D>({ question, read, standIn, local }: Omit<Asked<D>, 'verb'>): Promise<D> {
    this.#checkOpen()
    try {
      const answer = read(readAnswer(await this.#connection.ask(question)))
      this.#decisions.service++
      return answer
    } catch (reason) {
      // The service is there, its store is not, and a policy denies meanwhile: a denial is a value here too.
      if (HeadgateError.is(reason) && reason.code === 'store-unavailable') {
        this.#decisions.service++
        return standIn('closed')
      }
      if (!(reason instanceof ServiceFailure)) throw reason
      this.#checkOpen()
      this.#note(reason)
      this.#decisions.onError++
      const { onError } = this.#config
      return typeof onError === 'object' ? local(onError) : standIn(onError)
    }
  }

  /** What is no decision has no stand-in. */
  async #fetch(
    asked: Omit<Question, 'deadlineMs' | 'method'> & Partial<Question>,
  ): Promise<Readonly<Record<string, unknown>>> {
    this.#checkOpen()
    try {
      return readAnswer(await this.#connection.ask(this.#question(asked)))
    } catch (reason) {
      if (!(reason instanceof ServiceFailure)) throw reason
      this.#checkOpen()
      this.#note(reason)
      throw new HeadgateError('store-unavailable', this.#sentence(reason), { cause: reason })
    }
  }

  #question(
    asked: Omit<Question, 'deadlineMs' | 'method'> & Partial<Question>,
    deadlineMs: number = this.#config.deadlineMs,
  ): Question {
    checkDeadline(deadlineMs, 'options.deadlineMs')
    return { method: 'POST', ...asked, deadlineMs }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new HeadgateError('closed', 'This limiter was closed; create another one')
  }

  #note(failure: ServiceFailure): void {
    this.#lastFailure = { message: failure.message, at: Date.now() }
    if (this.#hasWarned) return
    this.#hasWarned = true
    const { onError } = this.#config
    const who = typeof onError === 'object' ? 'a limiter of this process decides' : `onError is ${onError}`
    process.emitWarning(`${this.#sentence(failure)}; ${who} meanwhile`, {
      type: 'HeadgateWarning',
      code: 'HEADGATE_SERVICE_UNAVAILABLE',
      detail: 'docs/guide/remote-client.md#while-the-service-does-not-answer',
    })
  }

  #sentence({ message }: ServiceFailure): string {
    return `The service at ${this.#config.url.href} ${message}`
  }
}

function bodyOf(who: Who): object {
  if (typeof who !== 'object') return { key: who }
  const { descriptor, ...attributes } = who as Readonly<Record<string, unknown>> & {
    readonly descriptor?: readonly DescriptorEntry[]
  }
  return { attributes, ...(descriptor !== undefined && { descriptor }) }
}

function jointOf(body: Readonly<Record<string, unknown>>, count: number): RemoteJointDecision {
  const { allowed, retryAfterMs, decisions } = body
  if (typeof allowed !== 'boolean' || !Array.isArray(decisions) || decisions.length !== count) {
    throw new ServiceFailure('answered something else than decisions')
  }
  return { allowed, retryAfterMs: retryAfterMs as number | null, decisions: decisions.map(asDecision) }
}

function jointStandIn(source: 'open' | 'closed', costs: readonly number[]): RemoteJointDecision {
  const allowed = source === 'open'
  return {
    allowed,
    retryAfterMs: allowed ? 0 : null,
    decisions: costs.map((cost) => standInDecision(source, cost)),
  }
}
