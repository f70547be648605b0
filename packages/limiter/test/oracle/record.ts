import type { Budget } from '../../src/core/budget.ts'
import type { Rule } from '../../src/core/rule.ts'
import { type GivenBack, least, type Model, most, STATE_LIMIT } from './model.ts'
import { modelOf } from './models.ts'

/** State of one identity under one key, with what receipts refer to. */
export interface Held {
  readonly rule: Rule
  readonly model: Model
  readonly state: unknown
  /** Drawn with the first spend; 0 before it. Odd where a rate that came with a call began it. */
  readonly incarnation: number
  /** Given back since it began, and how much of that was credited. */
  readonly returned: bigint
  readonly credited: bigint
}

/** What a budget finds under a key. */
export interface Opened {
  /** One a rule, brought to now. */
  readonly own: readonly Held[]
  /** State of other identities that stays when the record is written. */
  readonly kept: readonly Held[]
  /**
   * Whether even a denial writes: state lay in the future, or a new rate begins with what an old one has used, and its
   * wait would not be true if it began so again with the next call.
   */
  readonly mustWrite: boolean
  /** When the first of five others recovers, for a rule that is one window too many; else 0. */
  readonly full: readonly bigint[]
}

const WINDOWS_MAX = 5

/** Finds the state of a budget's rules by identity (G12). */
export function open(stored: readonly Held[], { rules, inForce }: Budget, now: bigint): Opened {
  const isLive = (held: Held): boolean => recoversAt(held) > now
  const beside = stored.filter((held) => !rules.some((rule) => isSame(rule, held.rule)))
  const others = beside.filter(isLive)
  const found = rules.map((rule) => stored.find((held) => isSame(held.rule, rule)))
  const full = rules.map((rule, i) => {
    const rivals = namesakes(rule, others).map(recoversAt)
    const own = rules.filter((other) => nameOf(other) === nameOf(rule)).length - 1
    const isTooMany = rivals.length > 0 && rivals.length + own >= WINDOWS_MAX
    return rule.byCall && found[i] === undefined && isTooMany ? least(...rivals) : 0n
  })
  const sources = rules.map((rule, i) => {
    return found[i] === undefined && full[i] === 0n ? sourceFor(rule, others, inForce) : undefined
  })
  const own = rules.map((rule, i) => begin(rule, found[i], sources[i], now))
  const beginning = rules.filter((_, i) => full[i] === 0n)
  const isFuture = found.some(
    (held, i) => held !== undefined && (own[i] as Held).model.isFuture(held.state, now),
  )
  // Where every rule finds its own as it should be, nothing beside it is looked at.
  const isArranged = !isFuture && found.every((held) => held !== undefined)
  return {
    own,
    kept: isArranged ? beside : latest(others.filter((held) => !isSupplanted(held, beginning, others))),
    mustWrite: isFuture || sources.some((source) => source !== undefined),
    full,
  }
}

/** After a spend: a record that begins draws the incarnation. */
export function spend(held: Held, now: bigint, cost: bigint, drawn: number): Held {
  const incarnation = held.incarnation === 0 ? drawn + (held.rule.byCall ? 1 : 0) : held.incarnation
  return { ...held, incarnation, state: held.model.spend(held.state, now, cost) }
}

/** After something was given back: a record with nothing used is a fresh one. */
export function giveBack(held: Held, { state, amount }: GivenBack<unknown>, isCredit: boolean): Held {
  if (held.model.used(state) === 0n) return { ...held, ...unspent, state }
  const returned = held.returned + amount
  // A count beyond exact numbers begins anew, and no earlier receipt is worth anything.
  if (returned > STATE_LIMIT) return { ...held, ...unspent, state }
  return { ...held, state, returned, credited: held.credited + (isCredit ? amount : 0n) }
}

export function remainingOf({ model, state }: Held): bigint {
  return most(0n, model.capacity - model.used(state))
}

export function recoversAt({ model, state }: Held): bigint {
  return model.recoversAt(state)
}

const unspent = { incarnation: 0, returned: 0n, credited: 0n }

/** State brought to now; where there is none, with what the old rate has used. */
function begin(rule: Rule, found: Held | undefined, source: Held | undefined, now: bigint): Held {
  const model = modelOf(rule)
  if (found !== undefined) {
    const state = model.advance(found.state, now)
    return { ...found, rule, model, state, ...(model.used(state) === 0n && unspent) }
  }
  if (source === undefined || model.carry === undefined)
    return { rule, model, state: model.advance(model.fresh, now), ...unspent }
  const used = source.model.used(source.model.advance(source.state, now))
  return { rule, model, state: model.carry(used, now), ...unspent }
}

/** The latest bucket of the name, where its rate is no longer in force and no call brought it. */
function sourceFor(rule: Rule, others: readonly Held[], inForce: ReadonlySet<number>): Held | undefined {
  if (modelOf(rule).carry === undefined) return undefined
  const rates = namesakes(rule, others).filter(({ model }) => model.carry !== undefined)
  const latest = rates.find((one) => rates.every((other) => other === one || isLater(one, other)))
  const isInForce = latest !== undefined && inForce.has(latest.rule.identity.id)
  return isInForce || latest?.incarnation === undefined || latest.incarnation % 2 === 1 ? undefined : latest
}

/** Four others of a name stay, those that were spent from last. */
function isSupplanted(held: Held, rules: readonly Rule[], others: readonly Held[]): boolean {
  if (!rules.some((rule) => nameOf(rule) === nameOf(held.rule))) return false
  return namesakes(held.rule, others).filter((other) => isLater(other, held)).length >= WINDOWS_MAX - 1
}

/** Of all that stays beside the 64 that were spent from last. */
function latest(kept: readonly Held[]): readonly Held[] {
  return kept.filter((held) => kept.filter((other) => isLater(other, held)).length < 64)
}

function isLater(a: Held, b: Held): boolean {
  const [mine, theirs] = [a.model.spentAt(a.state), b.model.spentAt(b.state)]
  return mine === theirs ? a.rule.identity.id > b.rule.identity.id : mine > theirs
}

function namesakes(rule: Rule, others: readonly Held[]): Held[] {
  return others.filter((other) => nameOf(other.rule) === nameOf(rule))
}

function isSame(a: Rule, b: Rule): boolean {
  return a.identity.text === b.identity.text
}

function nameOf({ identity }: Rule): string {
  return identity.name
}
