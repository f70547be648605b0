import type { Decision, KeyView, Receipt } from 'headgate'
import { windowDenial } from 'headgate/http'
import { describeFailure } from '../service/describe-failure.ts'
import { KeyCache } from './key-cache.ts'
import type { RefusedView } from './play-report.ts'
import { type PlayedRequest, STATUS_ATTRIBUTE } from './played-request.ts'
import { type Ask, createReplayEngine, type ReplayEngine, type ReplayEngineOptions } from './replay-engine.ts'

/** What came of one request; null where it could not be decided, as without the address that a policy refuses to do without. */
export type Played = Decision | null

const REFUSALS_KEPT = 20

/** Decides requests at their times as the service or the proxy would, and counts nothing but what cannot be decided. */
export class Judge {
  readonly #engine: ReplayEngine
  readonly #first: Ask
  /** Whether there is no other. */
  readonly #isPlain: boolean
  readonly #keys: KeyCache
  readonly #refusals = new Map<string, { message: string; count: number }>()
  refused = 0

  constructor(options: ReplayEngineOptions) {
    this.#engine = createReplayEngine(options)
    const [first, ...others] = this.#engine.stages.flat()
    this.#isPlain = first?.outcome === null && others.length === 0
    this.#first = first as Ask
    this.#keys = new KeyCache(options.configuration, (request) => this.#findKeys(request))
  }

  get engine(): ReplayEngine {
    return this.#engine
  }

  /** A promise only where there is more to do than to consume. */
  decide(request: PlayedRequest): Played | Promise<Played> {
    this.#engine.setTime(request.atUs)
    const { verb = 'consume' } = request
    if (verb !== 'consume') return this.#settle(request, verb)
    return this.#isPlain ? this.#consume(request, this.#first) : this.#staged(request)
  }

  /** The budgets that a request spends from. */
  keysOf(request: PlayedRequest): readonly KeyView[] {
    return this.#keys.of(request)
  }

  #findKeys(request: PlayedRequest): KeyView[] {
    const { limiter, stages, whoOf } = this.#engine
    const options = request.policy === undefined ? {} : { policy: request.policy }
    return stages.flat().flatMap(({ gate }) => limiter.policies.keysOf(whoOf(request, gate), options))
  }

  refusals(): RefusedView[] {
    return [...this.#refusals].map(([code, rest]) => ({ code, ...rest }))
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
      this.refused++
      if (known !== undefined) known.count++
      else if (this.#refusals.size < REFUSALS_KEPT)
        this.#refusals.set(code, { message: error.message, count: 1 })
      return null
    }
  }

  /** Charges or credits, as somebody did who knew the cost afterwards. */
  async #settle(request: PlayedRequest, verb: 'charge' | 'credit'): Promise<Decision | null> {
    const { cost = 1, policy } = request
    const { gate } = this.#first
    const options = policy === undefined ? {} : { policy }
    try {
      return await this.#engine.limiter[verb](this.#engine.whoOf(request, gate), cost, options)
    } catch (reason) {
      return this.#refuse(reason, cost)
    }
  }

  /** Asks stage by stage, as the proxy does, and gives back what a denial or the response undoes. */
  async #staged(request: PlayedRequest): Promise<Decision | null> {
    const spent: { readonly receipt: Receipt; readonly isUndone: boolean }[] = []
    const decisions: Decision[] = []
    const giveBack = async (receipts: readonly Receipt[]): Promise<void> => {
      for (const receipt of receipts) await this.#engine.limiter.refund(receipt)
    }
    for (const stage of this.#engine.stages) {
      const made = await this.#ask(request, stage)
      const denied = made?.find(({ allowed }) => !allowed)
      if (made === null || denied !== undefined) {
        await giveBack(spent.map(({ receipt }) => receipt))
        return denied ?? null
      }
      decisions.push(...made)
      for (const [i, { receipt }] of made.entries()) {
        if (receipt !== null) spent.push({ receipt, isUndone: isUndone(request, stage[i] as Ask) })
      }
    }
    await giveBack(spent.filter((one) => one.isUndone).map(({ receipt }) => receipt))
    return merged(decisions)
  }

  /** Null where it cannot be decided. */
  async #ask(request: PlayedRequest, stage: readonly Ask[]): Promise<readonly Decision[] | null> {
    const [first, ...others] = stage as [Ask, ...Ask[]]
    const alone = others.length === 0 ? this.#consume(request, first) : undefined
    if (alone !== undefined) return alone && [alone]
    const { limiter, whoOf } = this.#engine
    const { cost, policy } = request
    const asked = stage.map(({ gate }) => ({
      who: whoOf(request, gate),
      ...(cost !== undefined && { cost }),
      ...(policy !== undefined && { policy }),
    }))
    try {
      return (await limiter.decide(asked)).decisions
    } catch (reason) {
      const denied = this.#refuse(reason, cost ?? 1)
      return denied && [denied]
    }
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
