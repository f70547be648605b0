import type { Decision, KeyView, PolicyOptions } from 'headgate'
import type { Configuration } from '../service/configuration.ts'
import { isShown, shownExplanation } from '../service/shown-explanation.ts'
import { Judge, type Played } from './judge.ts'
import { MissingAttributes } from './missing-attributes.ts'
import { PlayCounts } from './play-counts.ts'
import type { DenialView, PlayReport } from './play-report.ts'
import type { PlayedRequest } from './played-request.ts'
import { MAX_KEYS } from './replay-engine.ts'
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
   * How many denials are kept with their reasons: the first one of each key and rule.
   * @default 10
   */
  readonly denials?: number | undefined
}

const DENIALS_KEPT = 10

/**
 * Plays requests, in the order of their times, against one configuration: on an engine of its own, in memory, whose clock
 * is that of the requests. `report` may be asked for at any time.
 */
export class Player {
  readonly #judge: Judge
  /** Those that it plays. */
  readonly policies: readonly PolicyOptions[]
  readonly #hash: string
  readonly #maxKeys: number
  readonly #denialsKept: number
  readonly #counts = new PlayCounts()
  readonly #timeline = new Timeline()
  readonly #missing: MissingAttributes
  readonly #denials: DenialView[] = []
  /** Keys and rules of those that are kept. */
  readonly #keptKeys = new Set<string>()
  #allowed = 0
  #denied = 0
  /** Whose budget the last denial was about; null where a list denied, or nothing was denied yet. */
  deniedKey: KeyView | null = null

  constructor({ configuration, only, maxKeys = MAX_KEYS, denials = DENIALS_KEPT }: PlayerOptions) {
    this.#judge = new Judge({ configuration, maxKeys, ...(only && { only }) })
    this.policies = configuration.policies.filter(({ name }) => only?.includes(name) ?? true)
    this.#hash = configuration.hash
    this.#maxKeys = maxKeys
    this.#denialsKept = denials
    this.#missing = new MissingAttributes({ ...configuration, policies: this.policies })
  }

  /** Decides a request. A promise only where there is more to do than to consume, and for the first denials. */
  play(request: PlayedRequest): Played | Promise<Played> {
    this.#missing.see(request.who)
    const decided = this.#judge.decide(request)
    if (decided instanceof Promise) return decided.then((decision) => this.#took(request, decision))
    return this.#took(request, decided)
  }

  /** What came of all requests so far, with the `top` keys of each policy. */
  report(top = 10): PlayReport {
    const { keys: held, overflowed } = this.#judge.engine.stats()
    const { refused } = this.#judge
    return {
      hash: this.#hash,
      requests: this.#allowed + this.#denied + refused,
      allowed: this.#allowed,
      denied: this.#denied,
      refused,
      reasons: Object.fromEntries(this.#counts.reasons),
      refusals: this.#judge.refusals(),
      policies: this.#counts.results(this.policies, top),
      denials: [...this.#denials],
      timeline: this.#timeline.view(),
      peak: { requests: this.#timeline.all.view(), denied: this.#timeline.denials.view() },
      keys: { held, overflowed, maxKeys: this.#maxKeys },
      warnings: this.#missing.sentences(),
    }
  }

  close(): Promise<void> {
    return this.#judge.engine.close()
  }

  /** Counts what was decided, its keys too. */
  #took(request: PlayedRequest, decision: Played): Played | Promise<Played> {
    if (decision === null) return null
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
    return this.#keptKeys.size < this.#denialsKept ? this.#keepFirst(request, decision) : decision
  }

  /** A denial has no receipt that names its keys. */
  #countUnspent(request: PlayedRequest, { allowed, policy }: Decision): void {
    const keys = this.#judge.keysOf(request)
    for (const view of keys) this.#counts.addAsked(view.policy, view.key)
    if (allowed) return
    this.deniedKey = keys.find((view) => view.policy === policy) ?? null
    if (this.deniedKey !== null) this.#counts.addDenied(this.deniedKey.policy, this.deniedKey.key)
  }

  #keepFirst(request: PlayedRequest, decision: Decision): Played | Promise<Played> {
    const { policy, rule } = decision
    const id = JSON.stringify([policy, rule, policy === null ? null : (this.deniedKey?.key ?? null)])
    if (this.#keptKeys.has(id)) return decision
    this.#keptKeys.add(id)
    return this.#keep(request, decision)
  }

  /** Keeps a denial with its explanation; nothing was spent since, and the clock stands still. */
  async #keep(request: PlayedRequest, decision: Decision): Promise<Played> {
    const { limiter, stages, whoOf } = this.#judge.engine
    const { reason, policy, rule, limit, retryAfterMs } = decision
    const gates = stages.flat().map(({ gate }) => limiter.explain(whoOf(request, gate)))
    const policies = (await Promise.all(gates)).flatMap((one) => shownExplanation(one).policies)
    const attributes = Object.fromEntries(Object.entries(request.who).filter(([name]) => isShown(name)))
    const at = request.atUs / 1000
    this.#denials.push({ at, attributes, reason, policy, rule, limit, retryAfterMs, policies })
    return decision
  }
}
