import { setTimeout as sleep } from 'node:timers/promises'
import type { Decision } from '../core/decision.ts'
import { type Duration, parseTimeout } from '../core/duration.ts'
import { HeadgateError } from '../core/errors.ts'
import type { Explanation } from '../core/explanation.ts'
import type { Who } from '../core/key.ts'
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
import { checkCost, checkFields } from '../core/validate.ts'
import { localHolder, noHolder, reservedDecision, serviceHolder } from './holders.ts'
import { asDecision } from './read-answer.ts'
import { type RemoteConfig, type RemoteLimiterOptions, resolveRemoteOptions } from './remote-options.ts'
import { type Holder, remoteReservation } from './remote-reservation.ts'
import type {
  RemoteCredited,
  RemoteDecision,
  RemoteHealth,
  RemoteJointDecision,
  RemoteLimiter,
  RemoteReceipt,
  RemoteReservation,
} from './remote-types.ts'
import { bodyOf, callBody } from './request-body.ts'
import { type Answer, ServiceCalls, type Timing } from './service-calls.ts'
import { ServiceFailure } from './service-failure.ts'
import { standInDecision } from './stand-in.ts'

const CALL_FIELDS = ['cost', 'limit', 'policy', 'rule', 'deadlineMs']
/** How long one request waits at the service for its turn, which does not wait longer than twice that. */
const WAIT_PART_MS = 30_000

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
}

/** Creates a limiter whose decisions the service at `url` makes; wrong options are `invalid-options` errors. */
export function createRemoteLimiter(options: RemoteLimiterOptions = {}): RemoteLimiter {
  return new ServiceLimiter(resolveRemoteOptions(options))
}

class ServiceLimiter implements RemoteLimiter {
  readonly #onError: RemoteConfig['onError']
  readonly #calls: ServiceCalls
  readonly #listeners = new Listeners<RemoteDecision>({ now: () => performance.now() * 1000 })

  constructor(config: RemoteConfig) {
    this.#onError = config.onError
    this.#calls = new ServiceCalls(config)
  }

  readonly policies: RemoteLimiter['policies'] = {
    list: async () => (await this.#calls.fetch('/v1/policies'))['policies'] as readonly object[],
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
    const { ttl, ...call } = options
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

  async wait(who: Who, options: WaitOptions = {}): Promise<RemoteDecision> {
    const startedUs = this.#listeners.start()
    return this.#listeners.emit('wait', await this.#turn(who, options), startedUs)
  }

  async decide(
    requests: readonly LimitRequest[],
    options: Pick<CallOptions, 'deadlineMs'> = {},
  ): Promise<RemoteJointDecision> {
    checkFields(options, ['deadlineMs'], 'options')
    const costs = requests.map(({ cost = 1 }) => checkCost(cost))
    const body = { together: true, requests: requests.map(({ who, ...rest }) => callBody(who, rest)) }
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
      return Number((await this.#calls.fetch('/v1/refund', { receipt, ...options }))['refunded'])
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
    return this.#reach('/v1/block', who, { ...options, duration })
  }

  async unblock(who: Who, options: Pick<CallOptions, 'policy'> = {}): Promise<string[]> {
    checkFields(options, ['policy'], 'options')
    return this.#reach('/v1/unblock', who, options)
  }

  async explain(who: Who, options: Pick<CallOptions, 'cost' | 'policy'> = {}): Promise<Explanation> {
    checkFields(options, ['cost', 'policy'], 'options')
    return (await this.#calls.fetch('/v1/explain', { ...bodyOf(who), ...options })) as unknown as Explanation
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
    { who, options, more, timing, local }: DecisionCall,
  ): Promise<RemoteDecision> {
    const cost = checkCall(options)
    const { deadlineMs, ...rest } = options
    const body = { ...callBody(who, rest), ...more }
    return this.#calls.decide<RemoteDecision>({
      question: this.#calls.timed(`/v1/${verb}`, body, { ...timing, deadlineMs }),
      read: asDecision,
      standIn: (source) => standInDecision(source, cost),
      local: async (limiter) => ({ ...(await local(limiter)), source: 'fallback' }),
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

  /** Asks for parts of a wait, until one of them ends with a turn, or the rest is too short for one. */
  async #turn(who: Who, options: WaitOptions): Promise<RemoteDecision> {
    const { timeout = Number.POSITIVE_INFINITY, signal, ...call } = options
    const endsAt = performance.now() + parseTimeout(timeout, 'options.timeout')
    const local = (limiter: Limiter): Promise<Decision> => limiter.wait(who, options)
    for (;;) {
      const leftMs = Math.max(0, endsAt - performance.now())
      const partMs = Math.max(1, Math.floor(Math.min(leftMs, WAIT_PART_MS)))
      const timing = { extraMs: partMs, signal }
      const decision = await this.#ask('wait', {
        who,
        options: call,
        more: { timeout: partMs },
        timing,
        local,
      })
      const { allowed, source, retryAfterMs } = decision
      if (allowed || retryAfterMs === null || source === 'fallback') return decision
      if (performance.now() + retryAfterMs > endsAt) return decision
      // The last part of it is waited at the service, where it has a place in the queue.
      await pause(retryAfterMs - WAIT_PART_MS, signal)
    }
  }

  /** What is done to budgets and answers which policies have them. */
  async #reach(path: string, who: Who, { policy, ...more }: Reach): Promise<string[]> {
    const body = { ...bodyOf(who), ...(policy !== undefined && { policy }), ...more }
    return (await this.#calls.fetch(path, body))['policies'] as string[]
  }
}

function checkCall(options: CallOptions): number {
  checkFields(options, CALL_FIELDS, 'options')
  return checkCost(options.cost ?? 1)
}

/** Rejects with the reason of the signal where that aborts. */
async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(Math.max(0, ms), undefined, signal && { signal })
  } catch (reason) {
    throw signal?.reason ?? reason
  }
}

function jointOf({ allowed, retryAfterMs, decisions }: Answer, count: number): RemoteJointDecision {
  if (typeof allowed !== 'boolean' || !Array.isArray(decisions) || decisions.length !== count) {
    throw new ServiceFailure('answered something else than decisions')
  }
  return { allowed, retryAfterMs: retryAfterMs as number | null, decisions: decisions.map(asDecision) }
}

function jointStandIn(source: 'open' | 'closed', costs: readonly number[]): RemoteJointDecision {
  const allowed = source === 'open'
  const decisions = costs.map((cost) => standInDecision(source, cost))
  return { allowed, retryAfterMs: allowed ? 0 : null, decisions }
}
