import type { Decision } from '../core/decision.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import { HeadgateError } from '../core/errors.ts'
import type { Explanation } from '../core/explanation.ts'
import type { Who } from '../core/key.ts'
import { checkRequests } from '../core/limit-request.ts'
import type {
  CallOptions,
  DecisionVerb,
  Limiter,
  LimitRequest,
  RefundOptions,
  ReserveOptions,
  WaitOptions,
} from '../core/limiter.ts'
import { Listeners } from '../core/listeners.ts'
import type { Settled } from '../core/reservation-handle.ts'
import { checkCost, checkFields } from '../core/validate.ts'
import { type Connect, Connection, type Transport } from './connection.ts'
import { localHolder, noHolder, reservedDecision, serviceHolder } from './holders.ts'
import { jointOf, jointPart, jointStandIn } from './joint.ts'
import { asDecision, asExplanation, asPolicies, asPolicyNames, asRefunded, asSettled } from './read-answer.ts'
import { CALL_FIELDS, checkCall } from './remote-call-options.ts'
import { type RemoteLimiterOptions, resolveRemoteOptions, type ServiceConfig } from './remote-options.ts'
import { type Holder, remoteReservation } from './remote-reservation.ts'
import type {
  RemoteCredited,
  RemoteDecision,
  RemoteHealth,
  RemoteJointDecision,
  RemoteLimiter,
  RemoteReceipt,
  RemoteReservation,
  RemoteResumed,
} from './remote-types.ts'
import { bodyOf, callBody, policyField } from './request-body.ts'
import { ServiceCalls, type Timing } from './service-calls.ts'
import { standInDecision } from './stand-in.ts'
import { type WaitPart, waitForTurn } from './turn.ts'

interface Reach {
  readonly policy?: string
  readonly duration?: Duration
}

/** A call that ends with a decision. */
interface DecisionCall {
  readonly who: Who
  readonly options: CallOptions
  /** Fields of the body that only its verb has. */
  readonly more?: object
  readonly timing?: Timing
  readonly local: (limiter: Limiter) => Promise<Decision>
  readonly isPassing?: WaitPart['isPassing']
}

/** Creates a limiter whose decisions the service at `url` makes, over connections made by `connect`. */
export function remoteLimiter(options: RemoteLimiterOptions, connect: Connect): RemoteLimiter {
  const config = resolveRemoteOptions(options)
  return new ServiceLimiter(config, connect(config))
}

/** A limiter whose decisions a service makes, whatever carries questions to it. */
export class ServiceLimiter implements RemoteLimiter {
  readonly #onError: ServiceConfig['onError']
  readonly #calls: ServiceCalls
  readonly #listeners = new Listeners<RemoteDecision>({ now: () => performance.now() * 1000 })

  constructor(config: ServiceConfig, transport: Transport) {
    this.#onError = config.onError
    this.#calls = new ServiceCalls(config, new Connection(transport))
  }

  readonly policies: RemoteLimiter['policies'] = {
    list: async () => this.#calls.fetch('/v1/policies', asPolicies),
  }

  async consume(who: Who, options: CallOptions = {}): Promise<RemoteDecision> {
    return this.#decide('consume', { who, options, local: (limiter) => limiter.consume(who, options) })
  }

  async peek(who: Who, options: CallOptions = {}): Promise<RemoteDecision> {
    const timing = { isRepeatable: true }
    return this.#decide('peek', { who, options, timing, local: (limiter) => limiter.peek(who, options) })
  }

  async charge(who: Who, cost: number, options: Omit<CallOptions, 'cost'> = {}): Promise<RemoteDecision> {
    const local = (limiter: Limiter): Promise<Decision> => limiter.charge(who, cost, options)
    return this.#decide('charge', { who, options: { ...options, cost }, local })
  }

  async credit(who: Who, cost: number, options: Omit<CallOptions, 'cost'> = {}): Promise<RemoteCredited> {
    const local = (limiter: Limiter): Promise<Decision> => limiter.credit(who, cost, options)
    const decision = await this.#decide('credit', { who, options: { ...options, cost }, local })
    return { credited: 0, ...decision }
  }

  async reserve(who: Who, options: ReserveOptions = {}): Promise<RemoteReservation> {
    checkFields(options, [...CALL_FIELDS, 'ttl'], 'options')
    const { ttl, ...call } = options
    if (ttl !== undefined) parseDuration(ttl, 'options.ttl')
    const cost = checkCall(call)
    const { deadlineMs, ...rest } = call
    const body = { ...callBody(who, rest), ...(ttl !== undefined && { ttl }) }
    const startedUs = this.#listeners.start()
    const reservation = await this.#calls.decide<RemoteReservation>({
      question: this.#calls.timed('/v1/reserve', body, { deadlineMs }),
      read: (answer) =>
        remoteReservation(reservedDecision(answer), this.#heard(serviceHolder(answer, who, this.#calls))),
      standIn: (source) => remoteReservation(standInDecision(source, cost), this.#heard(noHolder(cost))),
      local: async (limiter) => {
        const own = await limiter.reserve(who, options)
        return remoteReservation({ ...own, source: 'fallback' }, this.#heard(localHolder(own)))
      },
    })
    return this.#listeners.emit('reserve', reservation, startedUs)
  }

  resume(handle: string): RemoteResumed {
    if (typeof handle !== 'string' || handle === '') {
      const message = 'this is not the handle of a remote reservation; pass its text as it is'
      throw new HeadgateError('invalid-receipt', message, { path: 'handle' })
    }
    const settle = async (actual: number): Promise<Settled> =>
      this.#calls.fetch('/v1/settle', asSettled, { reservation: handle, actual: checkCost(actual) })
    return { settle, cancel: () => settle(0) }
  }

  async wait(who: Who, options: WaitOptions = {}): Promise<RemoteDecision> {
    const startedUs = this.#listeners.start()
    return this.#listeners.emit('wait', await this.#turn(who, options), startedUs)
  }

  async decide(
    requests: readonly LimitRequest[],
    options: Pick<CallOptions, 'deadlineMs'> = {},
  ): Promise<RemoteJointDecision> {
    checkFields(options, ['deadlineMs'], 'options')
    const parts = checkRequests(requests).map(jointPart)
    const costs = parts.map(({ cost }) => cost)
    const body = { together: true, requests: parts.map((part) => part.body) }
    const startedUs = this.#listeners.start()
    const joint = await this.#calls.decide<RemoteJointDecision>({
      question: this.#calls.timed('/v1/batch', body, options),
      read: (answer) => jointOf(answer, requests.length),
      standIn: (source) => jointStandIn(source, costs),
      local: (limiter) => limiter.decide(requests, options),
    })
    for (const [i, decision] of joint.decisions.entries()) {
      this.#listeners.emit(requests[i]?.verb ?? 'consume', decision, startedUs)
    }
    return joint
  }

  async refund(receipt: RemoteReceipt, options: RefundOptions = {}): Promise<number> {
    checkFields(options, ['cost'], 'options')
    if (typeof receipt === 'string') {
      const { cost } = options
      const part = cost === undefined ? {} : { cost: checkCost(cost) }
      return this.#calls.fetch('/v1/refund', asRefunded, { receipt, ...part })
    }
    if (typeof this.#onError === 'object') return this.#onError.refund(receipt, options)
    const message = 'this receipt is not of the service; pass that of a decision'
    throw new HeadgateError('invalid-receipt', message, { path: 'receipt' })
  }

  async reset(who: Who, options: Pick<CallOptions, 'policy'> = {}): Promise<string[]> {
    checkFields(options, ['policy'], 'options')
    return this.#reach('/v1/reset', who, options)
  }

  async block(who: Who, duration: Duration, options: Pick<CallOptions, 'policy'> = {}): Promise<string[]> {
    checkFields(options, ['policy'], 'options')
    parseDuration(duration, 'duration')
    return this.#reach('/v1/block', who, { ...options, duration })
  }

  async unblock(who: Who, options: Pick<CallOptions, 'policy'> = {}): Promise<string[]> {
    checkFields(options, ['policy'], 'options')
    return this.#reach('/v1/unblock', who, options)
  }

  async explain(who: Who, options: Pick<CallOptions, 'cost' | 'policy'> = {}): Promise<Explanation> {
    checkFields(options, ['cost', 'policy'], 'options')
    const { cost, ...rest } = options
    const body = { ...callBody(who, rest), ...(cost !== undefined && { cost: checkCost(cost) }) }
    return this.#calls.fetch('/v1/explain', asExplanation, body)
  }

  health(): RemoteHealth {
    return this.#calls.health
  }

  on(event: 'decision', listener: Parameters<RemoteLimiter['on']>[1]): () => void {
    if (event === 'decision') return this.#listeners.add(listener)
    throw new HeadgateError('invalid-options', 'the only event is decision', { path: 'on' })
  }

  async close(): Promise<void> {
    this.#calls.close()
  }

  async #decide(verb: DecisionVerb, call: DecisionCall): Promise<RemoteDecision> {
    const startedUs = this.#listeners.start()
    return this.#listeners.emit(verb, await this.#ask(verb, call), startedUs)
  }

  async #ask(
    verb: DecisionVerb,
    { who, options, more, timing, local, isPassing }: DecisionCall,
  ): Promise<RemoteDecision> {
    const cost = checkCall(options)
    const { deadlineMs, ...rest } = options
    const body = { ...callBody(who, rest), ...more }
    return this.#calls.decide<RemoteDecision>({
      question: this.#calls.timed(`/v1/${verb}`, body, { ...timing, deadlineMs }),
      read: asDecision,
      standIn: (source) => standInDecision(source, cost),
      local: async (limiter) => ({ ...(await local(limiter)), source: 'fallback' }),
      isPassing,
    })
  }

  /** A holder whose extensions listeners hear of. */
  #heard(holder: Holder): Holder {
    const extend: Holder['extend'] = async (more, held) => {
      const startedUs = this.#listeners.start()
      const extended = await holder.extend(more, held)
      this.#listeners.emit('extend', extended.decision, startedUs)
      return extended
    }
    return { ...holder, extend }
  }

  async #turn(who: Who, options: WaitOptions): Promise<RemoteDecision> {
    checkFields(options, [...CALL_FIELDS, 'timeout', 'signal'], 'options')
    const { timeout: _, signal, ...call } = options
    const local = (limiter: Limiter): Promise<Decision> => limiter.wait(who, options)
    return waitForTurn(options, ({ partMs, isFresh, isPassing }) => {
      const timing = { extraMs: partMs, isFresh, isHeld: true, signal: signal ?? undefined }
      return this.#ask('wait', { who, options: call, more: { timeout: partMs }, timing, local, isPassing })
    })
  }

  /** What is done to budgets and answers which policies have them. */
  async #reach(path: string, who: Who, { policy, duration }: Reach): Promise<string[]> {
    const more = duration === undefined ? {} : { duration }
    return this.#calls.fetch(path, asPolicyNames, { ...bodyOf(who), ...policyField(policy), ...more })
  }
}
