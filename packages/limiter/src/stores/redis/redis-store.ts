import type { CalendarTerms } from '../../core/algorithms/fixed-window.ts'
import type { Budget } from '../../core/budget.ts'
import { HeadgateError, show } from '../../core/errors.ts'
import { type Ask, type Refund, type Store, VERDICT, type Verb, type Verdicts } from '../../core/store.ts'
import type { RunScript } from './client.ts'
import { GroupCommit, type Pending } from './group-commit.ts'
import { redisKey } from './redis-key.ts'
import { type CustomScript, composeScripts, type Preamble, type Script, type Scripts } from './scripts.ts'

/** Figures of a Redis store. */
export interface RedisStats {
  /** Values found under our keys that were not state of ours, and were counted as fresh. */
  readonly foreign: number
}

/** A store in one Redis or Valkey server. */
export interface RedisStore extends Store {
  readonly synchronous: false
  /** Resolves when the store runs scripts and takes writes; rejects with `store-unavailable`. */
  ping(): Promise<void>
  stats(): RedisStats
}

/** What a Redis store is made of. */
export interface RedisStoreConfig {
  readonly run: RunScript
  readonly prefix: string
  readonly custom: readonly CustomScript[]
  readonly preamble: Preamble
  readonly close: () => Promise<void>
}

/** Numbers before the verdicts in a reply. */
const REPLY_HEAD = 2
/** In place of the count of foreign states: the caller's calendar edges did not contain the server's now. */
const EDGES_NEEDED = -1

/** Decides in Redis: one script call for the decisions of one turn, however many rules and keys each has. */
export class ScriptedRedisStore implements RedisStore {
  readonly synchronous = false
  readonly #config: RedisStoreConfig
  readonly #scripts: Scripts
  readonly #kinds: ReadonlySet<string>
  readonly #group = new GroupCommit((group) => this.#decideGroup(group))
  /** How far the server's clock is ahead of ours; only calendar edges are computed from it. */
  #skewUs = 0
  #foreign = 0

  constructor(config: RedisStoreConfig) {
    this.#config = config
    this.#scripts = composeScripts(config.custom, config.preamble)
    this.#kinds = new Set(config.custom.map(({ kind }) => kind))
  }

  async decide(verb: Verb, asks: readonly Ask[]): Promise<Verdicts> {
    for (const { budget } of asks) this.#checkAlgorithms(budget)
    return this.#group.add(verb, asks, this.#time())
  }

  async refund(refunds: readonly Refund[]): Promise<void> {
    if (refunds.length === 0) return
    this.#group.flush()
    const time = this.#time()
    const keys = refunds.flatMap((refund) => {
      const key = this.#key(refund)
      return [key, `${key}:r:${refund.id}`]
    })
    await this.#call(this.#scripts.refund, keys, time, (now) =>
      refunds.flatMap((refund) => this.#refundArguments(refund, now)),
    )
  }

  async reset(asks: readonly Omit<Ask, 'cost'>[]): Promise<void> {
    this.#group.flush()
    if (asks.length > 0)
      await this.#send(
        this.#scripts.reset,
        asks.map((ask) => this.#key(ask)),
        [],
      )
  }

  async ping(): Promise<void> {
    await this.#send(this.#scripts.ping, [`${this.#config.prefix}:{~ping}`], [])
  }

  stats(): RedisStats {
    return { foreign: this.#foreign }
  }

  async close(): Promise<void> {
    await this.#config.close()
  }

  #key({ budget, key }: Omit<Ask, 'cost'>): string {
    return redisKey(this.#config.prefix, budget.policy, key)
  }

  #checkAlgorithms({ rules }: Budget): void {
    if (rules.every(({ algorithm }) => algorithm.custom !== true || this.#kinds.has(algorithm.kind))) return
    const fix = 'pass the same algorithms to redisStore, each with its lua'
    throw new HeadgateError('invalid-rule', `a custom algorithm has no Lua twin in this store; ${fix}`)
  }

  /** Sends decisions in one call. */
  async #decideGroup(group: readonly Pending[]): Promise<Verdicts[]> {
    const keys = group.flatMap(({ asks }) => asks.map((ask) => this.#key(ask)))
    const time = group[0]?.time ?? null
    const reply = await this.#call(this.#scripts.decide, keys, time, (now) =>
      this.#decideArguments(group, now),
    )
    const now = reply[0] as number
    let at = REPLY_HEAD
    const verdicts = group.map(({ asks }) => {
      const from = at
      for (const { budget } of asks) at += budget.rules.length * VERDICT
      return { now, numbers: reply.slice(from, at), source: 'store' as const }
    })
    if (reply.length !== at) throw unreadable(reply)
    return verdicts
  }

  /** Arguments of decide.lua: few and long, since each of them costs; decisions that ask the same are of one shape. */
  #decideArguments(group: readonly Pending[], now: number): string[] {
    const numbers = new Map<string, number>()
    const shapes: string[] = []
    const order = group.map(({ verb, asks }) => {
      let text = `${verb}\n`
      for (const { budget, cost } of asks) text += `${cost}\n${budget.plan}`
      const known = numbers.get(text)
      if (known !== undefined) return known
      shapes.push(text, ...asks.flatMap(({ budget }) => edgesOf(budget, now)))
      numbers.set(text, numbers.size + 1)
      return numbers.size
    })
    return [numbers.size === 1 ? '' : order.join(' '), ...shapes]
  }

  #refundArguments({ budget, cost, marks }: Refund, now: number): string[] {
    const known = marks.filter((mark) => mark !== undefined)
    const takenAtUs = known[0]?.takenAtUs ?? 0
    const until = Math.max(0, ...known.map(({ recoveredAtUs }) => recoveredAtUs))
    const recovered = marks.map((mark) => String(mark?.recoveredAtUs ?? 0))
    return [
      String(cost),
      budget.plan,
      ...edgesOf(budget, now),
      String(takenAtUs),
      String(until),
      ...recovered,
    ]
  }

  #time(): string | null {
    return this.#config.preamble.argument?.() ?? null
  }

  #now(time: string | null): number {
    return time === null ? Date.now() * 1000 + this.#skewUs : Number(time)
  }

  /** Calls a script; when its now lay outside our calendar edges, once more with edges around that now. */
  async #call(
    script: Script,
    keys: string[],
    time: string | null,
    args: (now: number) => string[],
  ): Promise<number[]> {
    const own = time === null ? [] : [time]
    let reply = await this.#send(script, keys, [...args(this.#now(time)), ...own])
    if (reply[1] === EDGES_NEEDED) {
      this.#skewUs = (reply[0] as number) - Date.now() * 1000
      reply = await this.#send(script, keys, [...args(this.#now(time)), ...own])
    }
    if (reply[1] === EDGES_NEEDED) throw unreadable(reply)
    this.#foreign += reply[1] as number
    return reply
  }

  #send(script: Script, keys: string[], args: string[]): Promise<number[]> {
    return this.#config.run(script, keys, args).then(numbersOf, (reason: unknown) => {
      throw unavailable(reason)
    })
  }
}

function numbersOf(reply: unknown): number[] {
  if (typeof reply === 'number') return [reply]
  if (Array.isArray(reply) && reply.every((n) => Number.isSafeInteger(n))) return reply
  throw unreadable(reply)
}

/** Edges around now of the calendar rules, one text each; Redis knows no time zones. */
function edgesOf({ rules }: Budget, now: number): string[] {
  const edges: string[] = []
  for (const { algorithm, terms } of rules) {
    if (algorithm.kind === 'calendar') edges.push((terms as CalendarTerms).calendar.edges(now).join(' '))
  }
  return edges
}

function unavailable(cause: unknown): HeadgateError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new HeadgateError('store-unavailable', `Redis did not decide: ${message}`, { cause })
}

function unreadable(reply: unknown): HeadgateError {
  const what = Array.isArray(reply) ? `${reply.length} values` : show(reply)
  return new HeadgateError('store-unavailable', `Redis answered ${what}, which is not a decision`)
}
