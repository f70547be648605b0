import type { Budget } from '../../core/budget.ts'
import { HeadgateError } from '../../core/errors.ts'
import type { Ask, Refund, Store, Taken, Verb, Verdicts } from '../../core/store.ts'
import type { RunScript } from './client.ts'
import { GroupCommit } from './group-commit.ts'
import { decideArguments, type Question, refundArguments } from './questions.ts'
import type { RedisKeys } from './redis-key.ts'
import { EDGES_NEEDED, foreignIn, numbersOf, unavailable, unreadable, verdictsOf } from './replies.ts'
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
  readonly keys: RedisKeys
  readonly custom: readonly CustomScript[]
  readonly preamble: Preamble
  /** Script calls under way at a time. */
  readonly calls: number
  readonly close: () => Promise<void>
}

/** Decides in Redis: one script call for the decisions of one turn, however many rules and keys each has. */
export class ScriptedRedisStore implements RedisStore {
  readonly synchronous = false
  readonly #config: RedisStoreConfig
  readonly #scripts: Scripts
  readonly #kinds: ReadonlySet<string>
  readonly #group: GroupCommit
  /** Takes travel by themselves, since decisions of one shape are cheaper without them. */
  readonly #takes: GroupCommit
  /** How far the server's clock is ahead of ours; only calendar edges are computed from it. */
  #skewUs = 0
  #foreign = 0

  constructor(config: RedisStoreConfig) {
    this.#config = config
    this.#group = new GroupCommit((group) => this.#decideGroup(group), config.calls)
    this.#takes = new GroupCommit((group) => this.#decideGroup(group), config.calls)
    this.#scripts = composeScripts(config.custom, config.preamble)
    this.#kinds = new Set(config.custom.map(({ kind }) => kind))
  }

  decide(verb: Verb, asks: readonly Ask[], deadlineMs?: number): Promise<Verdicts> {
    for (const { budget } of asks) if (!this.#knows(budget)) return unknownAlgorithm()
    return this.#group.add({ verb, asks, time: this.#time() }, deadlineMs)
  }

  take(ask: Ask, least: number, deadlineMs?: number): Promise<Taken> {
    if (!this.#knows(ask.budget)) return unknownAlgorithm()
    const taken = this.#takes.add({ verb: 'take', asks: [ask], least, time: this.#time() }, deadlineMs)
    return taken as Promise<Taken>
  }

  async refund(refunds: readonly Refund[]): Promise<void> {
    if (refunds.length === 0) return
    this.#flush()
    const keys = refunds.flatMap((refund) => {
      const key = this.#key(refund)
      return [key, `${key}:r:${refund.id}`]
    })
    await this.#call(this.#scripts.refund, keys, this.#time(), (now) =>
      refunds.flatMap((refund) => refundArguments(refund, now)),
    )
  }

  async reset(asks: readonly Omit<Ask, 'cost'>[]): Promise<void> {
    this.#flush()
    if (asks.length > 0)
      await this.#send(
        this.#scripts.reset,
        asks.map((ask) => this.#key(ask)),
        [],
      )
  }

  async ping(): Promise<void> {
    await this.#send(this.#scripts.ping, [this.#config.keys.own('ping')], [])
  }

  async heartbeat(id: string, lifetimeMs: number): Promise<number> {
    const args = [id, String(lifetimeMs), ...own(this.#time())]
    const [alive] = await this.#send(this.#scripts.heartbeat, [this.#config.keys.own('replicas')], args)
    return alive as number
  }

  stats(): RedisStats {
    return { foreign: this.#foreign }
  }

  async close(): Promise<void> {
    await this.#config.close()
  }

  /** Sends what waits, so that what was asked first is carried out first. */
  #flush(): void {
    this.#group.flush()
    this.#takes.flush()
  }

  #key({ budget, key }: Omit<Ask, 'cost'>): string {
    return this.#config.keys.of(budget.policy, key)
  }

  #knows({ rules }: Budget): boolean {
    for (const { algorithm } of rules) {
      if (algorithm.custom === true && !this.#kinds.has(algorithm.kind)) return false
    }
    return true
  }

  /** Sends decisions in one call. */
  #decideGroup(group: readonly Question[]): Promise<Verdicts[]> {
    return this.#ask(group).then((reply) => verdictsOf(group, reply))
  }

  #ask(group: readonly Question[]): Promise<number[]> {
    const { time } = group[0] as Question
    return this.#call(this.#scripts.decide, this.#keys(group), time, (now) => decideArguments(group, now))
  }

  #keys(group: readonly Question[]): string[] {
    const keys: string[] = []
    for (const { asks } of group) for (const ask of asks) keys.push(this.#key(ask))
    return keys
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
    let reply = await this.#send(script, keys, [...args(this.#now(time)), ...own(time)])
    if (reply[1] === EDGES_NEEDED) {
      this.#skewUs = (reply[0] as number) - Date.now() * 1000
      reply = await this.#send(script, keys, [...args(this.#now(time)), ...own(time)])
    }
    if (reply[1] === EDGES_NEEDED) throw unreadable(reply)
    this.#foreign += foreignIn(reply)
    return reply
  }

  #send(script: Script, keys: string[], args: string[]): Promise<number[]> {
    return this.#config.run(script, keys, args).then(numbersOf, (reason: unknown) => {
      throw unavailable(reason)
    })
  }
}

function unknownAlgorithm(): Promise<never> {
  const fix = 'pass the same algorithms to redisStore, each with its lua'
  const message = `a custom algorithm has no Lua twin in this store; ${fix}`
  return Promise.reject(new HeadgateError('invalid-rule', message))
}

/** The time as the last argument of a call, in tests. */
function own(time: string | null): string[] {
  return time === null ? [] : [time]
}
