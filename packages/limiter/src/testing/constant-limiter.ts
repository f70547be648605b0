import { type Allowed, type Decision, type Denied, unjudgedDecision } from '../core/decision.ts'
import type { Explanation } from '../core/explanation.ts'
import type { Health } from '../core/health-report.ts'
import type { Who } from '../core/key.ts'
import type {
  DecisionListener,
  DecisionVerb,
  JointDecision,
  Limiter,
  LimitRequest,
  PolicyRegister,
  Reservation,
} from '../core/limiter.ts'
import { Listeners } from '../core/listeners.ts'
import type { ReservationHandle, ResumedReservation } from '../core/reservation-handle.ts'
import type { SyncStore } from '../core/store.ts'
import { checkFields } from '../core/validate.ts'

/**
 * A limiter that lets every request pass with the reason `disabled`, whatever its key and policy are: for tests of code that is
 * given a limiter. It counts nothing, and has neither store nor timers; its listeners hear every decision. `fields` are what its
 * decisions say instead; `allowed` and other names than those of a decision are an `invalid-options` error.
 */
export function passingLimiter(fields: Partial<Omit<Allowed, 'allowed'>> = {}): Limiter<SyncStore> {
  const passed = { allowed: true, reason: 'disabled', source: 'none', cost: 1, retryAfterMs: 0 } as const
  return new ConstantLimiter(answerOf(unjudgedDecision(passed), fields))
}

/**
 * A limiter that denies every request with the reason `limited` and a wait of one second. `fields` are what its decisions say
 * instead, as in `denyingLimiter({ retryAfterMs: 30_000 })`. Otherwise it is as {@link passingLimiter}.
 */
export function denyingLimiter(fields: Partial<Omit<Denied, 'allowed'>> = {}): Limiter<SyncStore> {
  const denied = { allowed: false, reason: 'limited', source: 'none', cost: 1, retryAfterMs: 1000 } as const
  return new ConstantLimiter(answerOf(unjudgedDecision(denied), fields))
}

function answerOf(decision: Decision, fields: Partial<Decision>): Decision {
  const { allowed, ...rest } = decision
  checkFields(fields, Object.keys(rest), 'fields')
  return { ...rest, ...fields, allowed } as Decision
}

const HEALTH: Health = {
  store: 'reachable',
  breaker: 'closed',
  answeredAt: null,
  lastError: null,
  decisions: null,
  latency: null,
  consecutiveFailures: 0,
  overloads: 0,
  parts: [],
  replicas: 1,
}

interface Cost {
  readonly cost?: number
}

/** Gives one answer, but for the cost that was asked for. */
class ConstantLimiter implements Limiter<SyncStore> {
  readonly #answer: Decision
  // It decides in no time.
  readonly #listeners = new Listeners({ now: () => 0 })
  readonly policies: PolicyRegister = {
    list: () => [],
    set() {},
    delete() {},
    replace() {},
    invalidate() {},
    keysOf: () => [],
    determinedKeysOf: () => [],
    forget() {},
    forgetDenials() {},
  }

  constructor(answer: Decision) {
    this.#answer = answer
  }

  consumeSync(_who: Who, options?: Cost): Decision {
    return this.#decide('consume', options)
  }

  async consume(_who: Who, options?: Cost): Promise<Decision> {
    return this.#decide('consume', options)
  }

  async peek(_who: Who, options?: Cost): Promise<Decision> {
    return this.#decide('peek', options)
  }

  async wait(_who: Who, options?: Cost): Promise<Decision> {
    return this.#decide('wait', options)
  }

  async charge(_who: Who, cost: number): Promise<Decision> {
    return this.#decide('charge', { cost })
  }

  async credit(_who: Who, cost: number): Promise<Decision & { readonly credited: number }> {
    return { ...this.#decide('credit', { cost }), credited: 0 }
  }

  async decide(requests: readonly LimitRequest[]): Promise<JointDecision> {
    const { allowed, retryAfterMs } = this.#answer
    const decisions = requests.map((one) => this.#decide(one.verb ?? 'consume', one))
    return { allowed, retryAfterMs, decisions }
  }

  async reserve(who: Who, options?: Cost): Promise<Reservation> {
    const decision = this.#decide('reserve', options)
    let held = decision.allowed ? decision.cost : 0
    const settle = async (): Promise<void> => {
      held = 0
    }
    return {
      ...decision,
      get held() {
        return held
      },
      settle,
      cancel: settle,
      extend: async (more: number) => {
        if (decision.allowed) held += more
        return this.#decide('extend', { cost: more })
      },
      handle: () => (decision.allowed ? handleOf(who) : null),
      [Symbol.asyncDispose]: settle,
    } as Reservation
  }

  resume(handle: ReservationHandle): ResumedReservation {
    return {
      held: 0,
      settle: async (actual) => ({ settled: true, actual }),
      cancel: async () => ({ settled: true, actual: 0 }),
      extend: async (cost) => ({ decision: this.#decide('extend', { cost }), handle }),
    }
  }

  async refund(): Promise<number> {
    return 0
  }

  async reset(): Promise<string[]> {
    return []
  }

  async block(): Promise<string[]> {
    return []
  }

  async unblock(): Promise<string[]> {
    return []
  }

  async explain(_who: Who, options?: Cost): Promise<Explanation> {
    return { listed: null, policies: [], decision: this.#answerTo(options) }
  }

  health(): Health {
    return HEALTH
  }

  on(_event: 'decision', listener: DecisionListener): () => void {
    return this.#listeners.add(listener)
  }

  async close(): Promise<void> {}

  #answerTo({ cost = this.#answer.cost }: Cost = {}): Decision {
    return { ...this.#answer, cost }
  }

  #decide(verb: DecisionVerb, options?: Cost): Decision {
    return this.#listeners.emit(verb, this.#answerTo(options), 0)
  }
}

function handleOf(who: Who): ReservationHandle {
  return { id: 'constant', who, call: {}, spends: [], expiresAtUs: Number.MAX_SAFE_INTEGER }
}
