import type { Budget } from '../../core/budget.ts'
import type { Claim, Claimed, ClaimingStore } from '../../core/claiming-store.ts'
import type { DocumentPut, DocumentRead, DocumentStore } from '../../core/document-store.ts'
import { HeadgateError } from '../../core/errors.ts'
import { getOrAdd } from '../../core/get-or-add.ts'
import type { SecretOffer, SecretStore } from '../../core/secret-store.ts'
import type {
  BudgetKey,
  BudgetRequest,
  ClearableStore,
  DecideOptions,
  Grant,
  LeasingStore,
  ProbedStore,
  QueueingStore,
  Refund,
  Verb,
  Verdicts,
} from '../../core/store.ts'
import { Batch } from './batch.ts'
import type { RunScript } from './client.ts'
import {
  claimedIn,
  decode,
  documentIn,
  numbersOf,
  type Result,
  secretsIn,
  textOf,
  unavailable,
  unreadable,
  unrecognizedIn,
} from './decode-reply.ts'
import { encode } from './encode-call.ts'
import type { PendingDecision } from './pending-decision.ts'
import { nextIncarnations } from './record-incarnations.ts'
import type { RedisKeys } from './redis-key.ts'
import { routeOf } from './route.ts'
import { ScriptCache } from './script-cache.ts'
import { type CustomScript, type FixedScripts, fixedScripts, type Preamble, type Script } from './scripts.ts'
import type { Shape } from './shape.ts'

/** Figures of a Redis store. */
export interface RedisStats {
  /** Records found under our keys that are corrupt or foreign, and were treated as fresh. */
  readonly unrecognized: number
}

/** A store in one Redis or Valkey server. */
export interface RedisStore
  extends QueueingStore,
    LeasingStore,
    ProbedStore,
    ClaimingStore,
    SecretStore,
    DocumentStore {
  stats(): RedisStats
}

/** What a Redis store is made of. */
export interface RedisStoreConfig {
  readonly run: RunScript
  readonly keys: RedisKeys
  readonly custom: readonly CustomScript[]
  readonly preamble: Preamble
  /** Script calls of one shape that may be in flight at a time. */
  readonly maxCalls: number
  readonly close: () => Promise<void>
}

/** Decides in Redis: one script call for the decisions that one tick makes on rules of one shape. */
export class ScriptedRedisStore implements RedisStore, ClearableStore {
  readonly queues = true
  readonly #config: RedisStoreConfig
  readonly #fixed: FixedScripts
  readonly #scripts: ScriptCache
  readonly #kinds: ReadonlySet<string>
  readonly #batches = new Map<string, Batch<Result>>()
  /** How far the server's clock is ahead of ours; used for calendar edges alone. */
  #skewUs = 0
  #unrecognized = 0

  constructor(config: RedisStoreConfig) {
    this.#config = config
    this.#fixed = fixedScripts(config.preamble)
    this.#scripts = new ScriptCache(config.custom, config.preamble)
    this.#kinds = new Set(config.custom.map(({ kind }) => kind))
  }

  decide(verb: Verb, requests: readonly BudgetRequest[], options?: DecideOptions): Promise<Verdicts> {
    return this.#enqueue(
      { verb, requests, route: routeOf(requests), time: this.#time() },
      options,
    ) as Promise<Verdicts>
  }

  acquire(request: BudgetRequest, min: number, options?: DecideOptions): Promise<Grant> {
    const requests = [request]
    const decision = { verb: 'acquire', requests, route: routeOf(requests), min, time: this.#time() } as const
    return this.#enqueue(decision, options) as Promise<Grant>
  }

  async refund(refunds: readonly Refund[]): Promise<readonly number[]> {
    const time = this.#time()
    const given = refunds.map((refund) => {
      const requests = [refund]
      return this.#enqueue({ verb: 'refund', requests, route: routeOf(requests), refund, time })
    })
    return Promise.all(given as Promise<number>[])
  }

  async reset(keys: readonly BudgetKey[]): Promise<void> {
    await this.#change(this.#fixed.reset, keys, [])
  }

  async block(keys: readonly BudgetKey[], lengthUs: number): Promise<void> {
    await this.#change(this.#fixed.block, keys, [String(lengthUs), ...timeArgument(this.#time())])
  }

  async ping(): Promise<void> {
    await this.#send(this.#fixed.ping, [this.#config.keys.own('ping')], [])
  }

  async heartbeat(id: string, lifetimeMs: number): Promise<number> {
    const args = [id, String(lifetimeMs), ...timeArgument(this.#time())]
    const [alive] = await this.#send(this.#fixed.heartbeat, [this.#config.keys.own('replicas')], args)
    return alive as number
  }

  async claim({ id, value, endsAtUs }: Claim): Promise<Claimed> {
    const args = [value === null ? '' : String(value), String(endsAtUs), ...timeArgument(this.#time())]
    return claimedIn(await this.#ask(this.#fixed.claim, this.#nameOf(id), args))
  }

  async unclaim(id: string): Promise<void> {
    await this.#send(this.#fixed.reset, [this.#nameOf(id)], [])
  }

  async secrets({ secret, addAfterMs, keepMs }: SecretOffer): Promise<readonly string[]> {
    const args = [secret, String(addAfterMs), String(keepMs), ...timeArgument(this.#time())]
    return secretsIn(await this.#ask(this.#fixed.secrets, this.#config.keys.own('secrets'), args))
  }

  async readDocument(name: string, known: string | null): Promise<DocumentRead> {
    return documentIn(await this.#ask(this.#fixed.document, this.#document(name), [known ?? '', '', '']))
  }

  async putDocument(name: string, { expected, revision, text }: DocumentPut): Promise<boolean> {
    const args = [expected ?? '', revision, text]
    return (await this.#ask(this.#fixed.document, this.#document(name), args)) === 'put'
  }

  async clear(): Promise<void> {
    const { keys } = this.#config
    let cursor = '0'
    do {
      cursor = await this.#ask(this.#fixed.clear, keys.own('clear'), [cursor, keys.pattern])
    } while (cursor !== '0')
  }

  stats(): RedisStats {
    return { unrecognized: this.#unrecognized }
  }

  async close(): Promise<void> {
    await this.#config.close()
  }

  /**
   * Queues a decision with those of its shape. Shapes are not ordered among each other, except when tests give times.
   */
  #enqueue(decision: PendingDecision, options: DecideOptions = {}): Promise<Result> {
    for (const { budget } of decision.requests) if (!this.#hasTwins(budget)) return unknownAlgorithm()
    const { shape } = decision.route
    const batch = getOrAdd(this.#batches, shape.name, () => this.#batch(shape))
    if (decision.time !== null) for (const other of this.#batches.values()) if (other !== batch) other.flush()
    return batch.add(decision, options.onSend)
  }

  #batch(shape: Shape): Batch<Result> {
    return new Batch((decisions) => this.#decide(shape, decisions), this.#config.maxCalls)
  }

  /** Sends decisions in one call, and once more those whose calendar edges did not contain the server's time. */
  async #decide(shape: Shape, decisions: readonly PendingDecision[]): Promise<Result[]> {
    const results = await this.#call(shape, decisions)
    if (!results.includes(null)) return results
    const outside = decisions.filter((_, i) => results[i] === null)
    const again = await this.#call(shape, outside)
    if (again.includes(null)) throw unreadable(again)
    return results.map((result) => result ?? (again.shift() as Result))
  }

  async #call(shape: Shape, decisions: readonly PendingDecision[]): Promise<Result[]> {
    const time = decisions[0]?.time ?? null
    const now = time === null ? Date.now() * 1000 + this.#skewUs : Number(time)
    const rules = decisions.reduce((sum, { route }) => sum + route.verdicts.length, 0)
    const { keys, args, order } = encode(decisions, {
      keys: this.#config.keys,
      now,
      incarnation: nextIncarnations(rules),
    })
    const reply = await this.#send(this.#scripts.of(shape), keys, time === null ? args : [...args, time])
    this.#unrecognized += unrecognizedIn(reply)
    const results = decode(order, reply)
    if (time === null && results.includes(null)) this.#skewUs = (reply[0] as number) - Date.now() * 1000
    if (order.every((decision, i) => decision === decisions[i])) return results
    const byDecision = new Map(order.map((decision, i) => [decision, results[i] as Result]))
    return decisions.map((decision) => byDecision.get(decision) as Result)
  }

  /** Runs a script on keys, after all decisions that were asked for before. */
  async #change(script: Script, keys: readonly BudgetKey[], args: string[]): Promise<void> {
    for (const batch of this.#batches.values()) batch.flush()
    const names = keys.map(({ budget, key }) => this.#config.keys.of(budget.policy, key))
    if (names.length > 0) await this.#send(script, names, args)
  }

  /** Whether this store has a Lua twin of every custom algorithm of a budget. */
  #hasTwins({ rules }: Budget): boolean {
    for (const { algorithm } of rules) {
      if (algorithm.custom === true && !this.#kinds.has(algorithm.kind)) return false
    }
    return true
  }

  #nameOf(claim: string): string {
    return this.#config.keys.own(`claim:${claim}`)
  }

  #document(name: string): string {
    return this.#config.keys.own(`document:${name}`)
  }

  #time(): string | null {
    return this.#config.preamble.argument?.() ?? null
  }

  /** Runs a script that answers a text. */
  async #ask(script: Script, key: string, args: string[]): Promise<string> {
    const reply = await this.#config.run(script, [key], args).catch(rethrowUnavailable)
    return textOf(reply)
  }

  #send(script: Script, keys: string[], args: (string | Buffer)[]): Promise<number[]> {
    return this.#config.run(script, keys, args).then(numbersOf, rethrowUnavailable)
  }
}

function rethrowUnavailable(reason: unknown): never {
  throw unavailable(reason)
}

function unknownAlgorithm(): Promise<never> {
  const fix = 'pass the same algorithms to redisStore, each with its lua'
  const message = `a custom algorithm has no Lua twin in this store; ${fix}`
  return Promise.reject(new HeadgateError('invalid-rule', message))
}

/** The last argument of a call when tests set the time; none in production. */
function timeArgument(time: string | null): string[] {
  return time === null ? [] : [time]
}
