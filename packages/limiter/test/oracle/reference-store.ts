import type { Clock } from '../../src/core/clock.ts'
import type { Ask, Refund, SyncStore, Taken, Verb, Verdicts } from '../../src/core/store.ts'
import type { Model } from './model.ts'
import { modelOf } from './models.ts'

interface Held {
  readonly name: string
  readonly model: Model
  readonly state: unknown
}

interface Opened {
  readonly id: string
  /** Whether the key had state, and whether some of it lay in the future. */
  readonly found: boolean
  readonly ahead: boolean
  /** The budget's rules, in order, brought to now. */
  readonly own: readonly Held[]
  /** Rules of other configurations that have not recovered. */
  readonly kept: readonly Held[]
}

/** The reference: the decision-level port on a plain Map, with exact models and no thought of speed or memory. */
export class ReferenceStore implements SyncStore {
  readonly synchronous = true
  readonly #clock: Pick<Clock, 'now'>
  readonly #keys = new Map<string, readonly Held[]>()
  readonly #refunded = new Set<string>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  decideSync(verb: Verb, asks: readonly Ask[]): Verdicts {
    const now = BigInt(this.#clock.now())
    const opened = asks.map((ask) => this.#open(ask, now))
    const waits = asks.map(({ cost }, i) =>
      (opened[i] as Opened).own.map((held) => waitOf(held, now, BigInt(cost))),
    )
    const passes = verb === 'charge' || waits.flat().every((wait) => wait === 0n)
    const numbers = asks.flatMap(({ cost }, i) => {
      const { id, ahead, own, kept } = opened[i] as Opened
      const spends = passes && cost > 0
      const after = spends ? own.map((held) => spend(held, now, BigInt(cost))) : own
      if (verb !== 'peek' && (spends || ahead)) this.#keys.set(id, [...after, ...kept])
      return after.flatMap(({ model, state }, r) => [
        verb === 'charge' ? 0n : ((waits[i] as bigint[])[r] as bigint),
        model.remaining(state, now),
        model.reset(state, now),
      ])
    })
    return { now: Number(now), numbers: numbers.map(Number), source: 'store' }
  }

  /** The largest size that passes, found by trying. */
  takeSync(ask: Ask, least: number): Taken {
    const now = BigInt(this.#clock.now())
    const { own } = this.#open(ask, now)
    const passes = (cost: bigint): boolean => own.every((held) => waitOf(held, now, cost) === 0n)
    let low = BigInt(least) - 1n
    let high = BigInt(Math.max(ask.cost, least)) + 1n
    while (high - low > 1n) {
      const middle = (low + high) / 2n
      if (passes(middle)) low = middle
      else high = middle
    }
    const granted = low < BigInt(least) ? 0 : Number(low)
    return { ...this.decideSync('consume', [{ ...ask, cost: granted || least }]), granted }
  }

  async take(ask: Ask, least: number): Promise<Taken> {
    return this.takeSync(ask, least)
  }

  refundSync(refunds: readonly Refund[]): void {
    const now = BigInt(this.#clock.now())
    for (const refund of refunds) {
      const { id, found, own, kept } = this.#open(refund, now)
      const { marks, endsAtUs = Number.MAX_SAFE_INTEGER } = refund
      const live =
        BigInt(endsAtUs) > now && marks.some((mark) => mark !== undefined && BigInt(mark.recoveredAtUs) > now)
      const spend = `${refund.id} ${id}`
      if (!live || this.#refunded.has(spend)) continue
      this.#refunded.add(spend)
      if (!found) continue
      this.#keys.set(id, [...own.map((held, i) => takeBack(held, now, refund, i)), ...kept])
    }
  }

  resetSync(asks: readonly Omit<Ask, 'cost'>[]): void {
    for (const ask of asks) this.#keys.delete(idOf(ask))
  }

  decideOneSync(verb: Verb, ask: Ask): Verdicts {
    return this.decideSync(verb, [ask])
  }

  async decide(verb: Verb, asks: readonly Ask[]): Promise<Verdicts> {
    return this.decideSync(verb, asks)
  }

  async refund(refunds: readonly Refund[]): Promise<void> {
    this.refundSync(refunds)
  }

  async reset(asks: readonly Omit<Ask, 'cost'>[]): Promise<void> {
    this.resetSync(asks)
  }

  async close(): Promise<void> {}

  #open(ask: Omit<Ask, 'cost'>, now: bigint): Opened {
    const id = idOf(ask)
    const stored = this.#keys.get(id) ?? []
    const old = stored.map((held) => settle(held, now))
    const own = ask.budget.rules.map((rule): Held => {
      const model = modelOf(rule)
      const before = old.find(({ name }) => name === rule.name)
      const state = before === undefined ? model.fresh : carry(before, model, now)
      return { name: rule.name, model, state: model.forward(state, now) }
    })
    const kept = old.filter(
      ({ name, model, state }) => !own.some((held) => held.name === name) && model.reset(state, now) > 0n,
    )
    const ahead = stored.some(({ model, state }) => model.isAhead(state, now))
    return { id, found: this.#keys.has(id), ahead, own, kept }
  }
}

function idOf({ budget, key }: Omit<Ask, 'cost'>): string {
  return JSON.stringify([budget.policy, key])
}

function settle({ name, model, state }: Held, now: bigint): Held {
  return { name, model, state: (model.settle ?? model.forward)(state, now) }
}

function waitOf({ model, state }: Held, now: bigint, cost: bigint): bigint {
  return cost > model.capacity ? -1n : model.wait(state, now, cost)
}

function spend({ name, model, state }: Held, now: bigint, cost: bigint): Held {
  return { name, model, state: model.spend(state, now, cost) }
}

function takeBack({ name, model, state }: Held, now: bigint, { cost, marks }: Refund, index: number): Held {
  const mark = marks[index]
  if (mark === undefined) return { name, model, state }
  const exact = { takenAt: BigInt(mark.takenAtUs), recoveredAt: BigInt(mark.recoveredAtUs) }
  return { name, model, state: model.refund(state, now, BigInt(cost), exact) }
}

/** State of a rule under other terms (G12): as it is, converted, or its used units spent anew. */
function carry({ model: from, state }: Held, to: Model, now: bigint): unknown {
  if (from.identity === to.identity) return state
  const converted = from.kind === to.kind ? to.convert(from, state) : null
  if (converted !== null) return converted
  const units = from.used(state, now)
  return units === 0n ? to.fresh : to.spend(to.forward(to.fresh, now), now, units)
}
