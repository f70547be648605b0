import type { Decision, KeyView, PolicyOptions, Receipt } from 'headgate'
import { windowDenial } from 'headgate/http'
import type { Configuration } from '../service/configuration.ts'
import { describeFailure } from '../service/describe-failure.ts'
import { isShown, shownExplanation } from '../service/shown-explanation.ts'
import { MissingAttributes } from './missing-attributes.ts'
import { PlayCounts } from './play-counts.ts'
import type { DenialView, PlayReport, RefusedView } from './play-report.ts'
import { type PlayedRequest, STATUS_ATTRIBUTE } from './played-request.ts'
import { type Ask, createReplayEngine, MAX_KEYS, type ReplayEngine } from './replay-engine.ts'
import { Timeline } from './timeline.ts'

/** What a player is made of. */
export interface PlayerOptions {
  readonly configuration: Configuration
  /**
   * Names of the policies that are played.
   * @default all of them
   */
  readonly only?: readonly string[] | undefined
  /**
   * Most keys with a record of their own; later ones share budgets, so that some of them may be denied falsely.
   * @default 1000000
   */
  readonly maxKeys?: number | undefined
  /**
   * How many denials are kept with their reasons.
   * @default 10
   */
  readonly denials?: number | undefined
}

/** What came of one request; null where it could not be decided, as without the address that a policy refuses to do without. */
export type Played = Decision | null

const DENIALS_KEPT = 10
const REFUSALS_KEPT = 20

/**
 * Plays requests, in the order of their times, against one configuration: on an engine of its own, in memory, whose clock
 * is that of the requests. `report` may be asked for at any time.
 */
export class Player {
  readonly #engine: ReplayEngine
  readonly #policies: readonly PolicyOptions[]
  readonly #hash: string
  readonly #maxKeys: number
  readonly #denialsKept: number
  readonly #isPlain: boolean
  readonly #counts = new PlayCounts()
  readonly #timeline = new Timeline()
  readonly #missing: MissingAttributes
  readonly #denials: DenialView[] = []
  readonly #refusals = new Map<string, { message: string; count: number }>()
  #refused = 0
  #allowed = 0
  #denied = 0
  /** Whose budget the last denial was about; null where a list denied, or nothing was denied yet. */
  deniedKey: KeyView | null = null

  constructor({ configuration, only, maxKeys = MAX_KEYS, denials = DENIALS_KEPT }: PlayerOptions) {
    this.#engine = createReplayEngine({ configuration, maxKeys, ...(only && { only }) })
    this.#policies = configuration.policies.filter(({ name }) => only?.includes(name) ?? true)
    this.#hash = configuration.hash
    this.#maxKeys = maxKeys
    this.#denialsKept = denials
    this.#missing = new MissingAttributes({ ...configuration, policies: this.#policies })
    const [first, ...others] = this.#engine.asks
    this.#isPlain = first?.outcome === null && others.length === 0
  }

  /** Names of the policies that it plays. */
  get policies(): readonly PolicyOptions[] {
    return this.#policies
  }

  /** Decides a request. A promise only where there is more to do than to consume, and for the first denials. */
  play(request: PlayedRequest): Played | Promise<Played> {
    this.#engine.setTime(request.atUs)
    this.#missing.see(request.who)
    const { verb = 'consume' } = request
    if (!this.#isPlain || verb !== 'consume') return this.#playSlowly(request)
    const decision = this.#consume(request, this.#engine.asks[0] as Ask)
    if (decision === null) return null
    return this.#took(request, decision)
  }

  report(top = 10): PlayReport {
    const { keys: held, overflowed } = this.#engine.stats()
    return {
      hash: this.#hash,
      requests: this.#allowed + this.#denied + this.#refused,
      allowed: this.#allowed,
      denied: this.#denied,
      refused: this.#refused,
      reasons: Object.fromEntries(this.#counts.reasons),
      refusals: [...this.#refusals].map(([code, rest]): RefusedView => ({ code, ...rest })),
      policies: this.#counts.results(this.#policies, top),
      denials: [...this.#denials],
      timeline: this.#timeline.view(),
      peak: { requests: this.#timeline.all.view(), denied: this.#timeline.denials.view() },
      keys: { held, overflowed, maxKeys: this.#maxKeys },
      warnings: this.#missing.sentences(),
    }
  }

  close(): Promise<void> {
    return this.#engine.close()
  }

  /** Counts what was decided, its keys too. */
  #took(request: PlayedRequest, decision: Decision): Played | Promise<Played> {
    const { allowed, receipt } = decision
    this.#counts.add(decision)
    this.#timeline.add(Math.floor(request.atUs / 1e6), allowed)
    if (receipt !== null) this.#counts.addSpent(receipt)
    else if (decision.rules.length > 0 || decision.shadow.length > 0 || !allowed) {
      this.#countUnspent(request, decision)
    }
    if (allowed) {
      this.#allowed++
      return decision
    }
    this.#denied++
    return this.#denials.length < this.#denialsKept ? this.#keep(request, decision) : decision
  }

  /** A denial has no receipt that names its keys. */
  #countUnspent(request: PlayedRequest, { allowed, policy }: Decision): void {
    const keys = this.#keysOf(request)
    for (const view of keys) this.#counts.addAsked(view.policy, view.key)
    if (allowed) return
    this.deniedKey = keys.find((view) => view.policy === policy) ?? null
    if (this.deniedKey !== null) this.#counts.addDenied(this.deniedKey.policy, this.deniedKey.key)
  }

  #keysOf(request: PlayedRequest): KeyView[] {
    const { limiter, asks, whoOf } = this.#engine
    const options = request.policy === undefined ? {} : { policy: request.policy }
    return asks.flatMap(({ gate }) => limiter.policies.keysOf(whoOf(request, gate), options))
  }

  #consume(request: PlayedRequest, { gate }: Ask): Decision | null {
    const who = this.#engine.whoOf(request, gate)
    const { cost, policy } = request
    try {
      if (cost === undefined && policy === undefined) return this.#engine.limiter.consumeSync(who)
      const options = { ...(cost !== undefined && { cost }), ...(policy !== undefined && { policy }) }
      return this.#engine.limiter.consumeSync(who, options)
    } catch (reason) {
      return this.#refuse(reason, cost ?? 1)
    }
  }

  /** What the service denies it denies; anything else is the answer to no question. */
  #refuse(reason: unknown, cost: number): Decision | null {
    try {
      return windowDenial(reason, cost)
    } catch (other) {
      const { code, error } = describeFailure(other)
      const known = this.#refusals.get(code)
      this.#refused++
      if (known !== undefined) known.count++
      else if (this.#refusals.size < REFUSALS_KEPT)
        this.#refusals.set(code, { message: error.message, count: 1 })
      return null
    }
  }

  async #playSlowly(request: PlayedRequest): Promise<Played> {
    const { verb = 'consume' } = request
    const decision = verb === 'consume' ? await this.#staged(request) : await this.#settle(request, verb)
    return decision === null ? null : this.#took(request, decision)
  }

  /** Charges or credits, as somebody did who knew the cost afterwards. */
  async #settle(request: PlayedRequest, verb: 'charge' | 'credit'): Promise<Decision | null> {
    const { cost = 1, policy } = request
    const [{ gate }] = this.#engine.asks as [Ask]
    const options = policy === undefined ? {} : { policy }
    try {
      return await this.#engine.limiter[verb](this.#engine.whoOf(request, gate), cost, options)
    } catch (reason) {
      return this.#refuse(reason, cost)
    }
  }

  /** Asks one after the other, as the proxy does, and gives back what a denial or the response undoes. */
  async #staged(request: PlayedRequest): Promise<Decision | null> {
    const spent: { readonly receipt: Receipt; readonly isUndone: boolean }[] = []
    const decisions: Decision[] = []
    const giveBack = async (receipts: readonly Receipt[]): Promise<void> => {
      for (const receipt of receipts) await this.#engine.limiter.refund(receipt)
    }
    for (const ask of this.#engine.asks) {
      const decision = this.#consume(request, ask)
      if (decision === null || !decision.allowed) {
        await giveBack(spent.map(({ receipt }) => receipt))
        return decision
      }
      decisions.push(decision)
      if (decision.receipt === null) continue
      spent.push({ receipt: decision.receipt, isUndone: isUndone(request, ask) })
    }
    await giveBack(spent.filter((one) => one.isUndone).map(({ receipt }) => receipt))
    return merged(decisions)
  }

  /** Keeps a denial with its explanation; nothing was spent since, and the clock stands still. */
  async #keep(request: PlayedRequest, decision: Decision): Promise<Played> {
    const { limiter, asks, whoOf } = this.#engine
    const { reason, policy, rule, limit, retryAfterMs } = decision
    const gates = asks.map(({ gate }) => limiter.explain(whoOf(request, gate)))
    const policies = (await Promise.all(gates)).flatMap((one) => shownExplanation(one).policies)
    const attributes = Object.fromEntries(Object.entries(request.who).filter(([name]) => isShown(name)))
    const at = request.atUs / 1000
    this.#denials.push({ at, attributes, reason, policy, rule, limit, retryAfterMs, policies })
    return decision
  }
}

/** Whether the response gives back what a policy took; a line without a status has no response that could count. */
function isUndone({ who }: PlayedRequest, { outcome }: Ask): boolean {
  if (outcome === null || outcome.statuses === null) return false
  const status = Number(who[STATUS_ATTRIBUTE] ?? Number.NaN)
  return !outcome.statuses.some(([first, last]) => first <= status && status <= last)
}

/** Decisions on one request, all of which let it pass, as one. */
function merged(decisions: readonly Decision[]): Decision {
  const [first, ...others] = decisions as [Decision, ...Decision[]]
  const all = [first, ...others]
  const binding = all.find(({ rules }) => rules.length > 0) ?? first
  return {
    ...binding,
    rules: all.flatMap(({ rules }) => rules),
    shadow: all.flatMap(({ shadow }) => shadow),
    receipt: null,
  } as Decision
}
