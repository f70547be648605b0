import type { Decision, Duration, Limiter, LimitRequest, Settled } from 'headgate'
import { windowDenial } from 'headgate/http'
import type { Announce } from './announce.ts'
import { checkJudged } from './check-judged.ts'
import { badRequest } from './describe-failure.ts'
import { type CallOrigin, type Events, originOf } from './events.ts'
import type { ConfigurationInForce } from './in-force.ts'
import { keysOfReceipts } from './receipt-keys.ts'
import type { Tokens } from './tokens/tokens.ts'

/** A request that reserves. */
export type ReserveRequest = Omit<LimitRequest, 'verb' | 'anyOf'>

/** Options of `reserve`. */
export interface ReserveOptions extends CallOrigin {
  readonly ttl?: Duration
  readonly deadlineMs?: number
  /** The domain that alone may settle it. */
  readonly domain?: string
}

/** A reservation as the service gives it out, or the denial. */
export interface Reserved {
  /** Has no receipt: the reservation stands for what was spent. */
  readonly decision: Decision
  /** By which any service on the same store settles, extends or cancels it; null where it was denied. */
  readonly reservation: string | null
  /** Units that it holds. */
  readonly held: number
  /** By which a denial is found again; null where it passed. */
  readonly id: string | null
  readonly inForce: ConfigurationInForce
}

/** What reservations are made with. */
export interface ReservationParts {
  readonly limiter: Limiter
  readonly tokens: Tokens
  readonly announce: Announce
  readonly events: Events
  readonly configuration: () => ConfigurationInForce
}

/** Reservations that callers keep as texts: nothing of them stays here. */
export class Reservations {
  readonly #parts: ReservationParts

  constructor(parts: ReservationParts) {
    this.#parts = parts
  }

  async reserve(
    request: ReserveRequest,
    { transport, actor, trace, domain, ...options }: ReserveOptions,
  ): Promise<Reserved> {
    const { limiter, tokens, announce, configuration } = this.#parts
    const startedMs = performance.now()
    const inForce = configuration()
    const { who, ...call } = request
    const made = await limiter
      .reserve(who, { ...call, ...options })
      .catch((reason: unknown) => windowDenial(reason, call.cost ?? 1))
    const decision = plain(made)
    checkJudged([decision], decision.allowed)
    const handle = 'handle' in made ? made.handle() : null
    const reservation = handle === null ? null : await tokens.reservation(handle, domain)
    if (handle !== null && reservation === null) {
      await limiter.resume(handle).cancel()
      throw tooLong()
    }
    const id = announce(decision, {
      verb: 'reserve',
      request,
      startedMs,
      ...originOf({ transport, actor, trace }),
    })
    return { decision, id, reservation, held: 'held' in made ? made.held : 0, inForce }
  }

  async settle(text: string, actual: number): Promise<Settled> {
    const { limiter, tokens, events } = this.#parts
    const { handle } = await tokens.openReservation(text)
    const resumed = limiter.resume(handle)
    const settled = await resumed.settle(actual)
    if (settled.actual !== null && settled.actual < resumed.held) {
      events.emit('returned', { keys: () => keysOfReceipts(handle.spends.map(({ receipt }) => receipt)) })
    }
    return settled
  }

  async extend(text: string, more: number, origin: CallOrigin): Promise<Reserved> {
    const { limiter, tokens, announce, configuration } = this.#parts
    const startedMs = performance.now()
    const inForce = configuration()
    const { handle: opened, domain } = await tokens.openReservation(text)
    const made = await limiter
      .resume(opened)
      .extend(more)
      .catch((reason: unknown) => ({ decision: windowDenial(reason, more), handle: opened }))
    const decision = plain(made.decision)
    checkJudged([decision], decision.allowed)
    const reservation = await tokens.reservation(made.handle, domain)
    if (reservation === null) {
      const { receipt } = made.decision
      if (receipt !== null) await limiter.refund(receipt)
      throw tooLong()
    }
    const id = announce(decision, { verb: 'extend', request: null, startedMs, ...origin })
    return { decision, id, reservation, held: limiter.resume(made.handle).held, inForce }
  }
}

/** The fields of a decision, without methods, and without a receipt, by which the units could be given back twice. */
function plain(made: Decision): Decision {
  const { allowed, reason, source, policy, rule, limit, remaining } = made
  const { cost, retryAfterMs, resetAfterMs, rules, shadow } = made
  const head = { allowed, reason, source, policy, rule, limit, remaining }
  return { ...head, cost, retryAfterMs, resetAfterMs, rules, shadow, receipt: null } as Decision
}

function tooLong(): Error {
  const message =
    'the reservation would be a text of more than 48 KiB; shorten the attributes, or settle and reserve anew'
  return badRequest(message, 'attributes', 'invalid-key')
}
