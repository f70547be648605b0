import { type Allowed, type Decision, type Denied, unjudgedDecision } from '../core/decision.ts'
import type { Explanation } from '../core/explanation.ts'
import type { Health } from '../core/health-report.ts'
import type { Who } from '../core/key.ts'
import type { JointDecision, Limiter, LimitRequest, PolicyRegister, Reservation } from '../core/limiter.ts'
import type { ReservationHandle, ResumedReservation } from '../core/reservation-handle.ts'
import type { SyncStore } from '../core/store.ts'

/**
 * A limiter that lets every request pass with the reason `disabled`, whatever its key and policy are: for tests of code that is
 * given a limiter. It counts nothing, and has neither store nor timers. `fields` are what its decisions say instead.
 */
export function passingLimiter(fields: Partial<Omit<Allowed, 'allowed'>> = {}): Limiter<SyncStore> {
  const passed = { allowed: true, reason: 'disabled', source: 'none', cost: 1, retryAfterMs: 0 } as const
  return new ConstantLimiter({ ...unjudgedDecision(passed), ...fields } as Allowed)
}

/**
 * A limiter that denies every request with the reason `limited` and a wait of one second. `fields` are what its decisions say
 * instead, as in `denyingLimiter({ retryAfterMs: 30_000 })`.
 */
export function denyingLimiter(fields: Partial<Omit<Denied, 'allowed'>> = {}): Limiter<SyncStore> {
  const denied = { allowed: false, reason: 'limited', source: 'none', cost: 1, retryAfterMs: 1000 } as const
  return new ConstantLimiter({ ...unjudgedDecision(denied), ...fields } as Denied)
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

/** Gives one answer, but for the cost that was asked for. */
class ConstantLimiter implements Limiter<SyncStore> {
  readonly #answer: Decision
  readonly policies: PolicyRegister = { list: () => [], set() {}, delete() {}, replace() {}, invalidate() {} }

  constructor(answer: Decision) {
    this.#answer = answer
  }

  consumeSync(_who: Who, { cost = this.#answer.cost }: { readonly cost?: number } = {}): Decision {
    return { ...this.#answer, cost }
  }

  async consume(who: Who, options?: { readonly cost?: number }): Promise<Decision> {
    return this.consumeSync(who, options)
  }

  async peek(who: Who, options?: { readonly cost?: number }): Promise<Decision> {
    return this.consumeSync(who, options)
  }

  async wait(who: Who, options?: { readonly cost?: number }): Promise<Decision> {
    return this.consumeSync(who, options)
  }

  async charge(who: Who, cost: number): Promise<Decision> {
    return this.consumeSync(who, { cost })
  }

  async credit(who: Who, cost: number): Promise<Decision & { readonly credited: number }> {
    return { ...this.consumeSync(who, { cost }), credited: 0 }
  }

  async decide(requests: readonly LimitRequest[]): Promise<JointDecision> {
    const { allowed, retryAfterMs } = this.#answer
    return { allowed, retryAfterMs, decisions: requests.map((one) => this.consumeSync(one.who, one)) }
  }

  async reserve(who: Who, options?: { readonly cost?: number }): Promise<Reservation> {
    const decision = this.consumeSync(who, options)
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
        return { ...decision, cost: more }
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
      extend: async (cost) => ({ decision: { ...this.#answer, cost }, handle }),
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

  async explain(who: Who, options?: { readonly cost?: number }): Promise<Explanation> {
    return { listed: null, policies: [], decision: this.consumeSync(who, options) }
  }

  health(): Health {
    return HEALTH
  }

  on(): () => void {
    return () => {}
  }

  async close(): Promise<void> {}
}

function handleOf(who: Who): ReservationHandle {
  return { id: 'constant', who, call: {}, spends: [], expiresAtUs: Number.MAX_SAFE_INTEGER }
}
