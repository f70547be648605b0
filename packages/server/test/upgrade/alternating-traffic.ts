/** Random calls to services that share a Redis, each to one of them at random; every answer has to be that of the ledger. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Random } from '../../../limiter/test/parity/random.ts'
import type { Answer, HeadgateProcess } from '../e2e/headgate-process.ts'
import { type Spend, UnitLedger } from './ledger.ts'
import type { CountedPolicy } from './policies.ts'

const USERS = ['ann', 'vip'] as const
const COST_MAX = 8
/** Longer than a process remembers a denial, of whose end by another process it cannot know. */
const FORGOTTEN_MS = 3000
const RETRY_MS = 50

/** A call at random, by how often it is made. */
type Call = readonly [weight: number, make: () => Promise<void>]

export class AlternatingTraffic {
  readonly ledger = new UnitLedger()
  /** Calls by what was asked, for the report of a run. */
  readonly counts = new Map<string, number>()
  readonly #random: Random
  readonly #policies: readonly CountedPolicy[]
  readonly #receipts: Spend[] = []
  readonly #reservations: Spend[] = []
  #services: readonly HeadgateProcess[] = []

  constructor(random: Random, policies: readonly CountedPolicy[]) {
    this.#random = random
    this.#policies = policies
  }

  /** Makes so many calls to these services. What was spent, and what can be given back, stays from run to run. */
  async run(services: readonly HeadgateProcess[], calls: number): Promise<void> {
    this.#services = services
    for (let i = 0; i < calls; i++) await this.#call()
  }

  /** Asks every service for every budget. */
  async compare(): Promise<void> {
    for (const policy of this.#policies) {
      for (const user of USERS) {
        for (const service of this.#services) {
          const { body } = await service.post('/v1/peek', { ...ask(policy, user), cost: 0 })
          expect([policy.name, user, body.remaining]).toEqual([
            policy.name,
            user,
            this.#shownLeft(policy, user),
          ])
        }
      }
    }
  }

  async #call(): Promise<void> {
    const policy = this.#random.pick(this.#policies)
    const user = this.#random.pick(USERS)
    const calls: readonly Call[] = [
      [50, () => this.#consume(policy, user)],
      [10, () => this.#peek(policy, user)],
      [3, () => this.#charge(policy, user)],
      [10, () => this.#reserve(policy, user)],
      [10, () => this.#refund()],
      [10, () => this.#settle()],
      [2, () => this.#reset(policy, user)],
      [2, () => this.#block(policy, user)],
    ]
    const make = this.#random.pick(
      calls.flatMap(([weight, one]) => Array.from({ length: weight }, () => one)),
    )
    await make()
  }

  async #consume(policy: CountedPolicy, user: string): Promise<void> {
    const cost = this.#cost()
    const { body } = await this.#decide('/v1/consume', policy, user, cost)
    if (!body.allowed) return
    this.ledger.spend(policy, user, cost)
    expect(body.remaining).toBe(this.ledger.left(policy, user))
    if (policy.refundable) this.#receipts.push({ policy, user, cost, token: body.receipt })
  }

  async #peek(policy: CountedPolicy, user: string): Promise<void> {
    await this.#decide('/v1/peek', policy, user, this.#cost())
  }

  async #charge(policy: CountedPolicy, user: string): Promise<void> {
    const cost = this.#cost()
    await this.#post('/v1/charge', { ...ask(policy, user), cost })
    this.ledger.spend(policy, user, cost)
  }

  async #reserve(policy: CountedPolicy, user: string): Promise<void> {
    if (!policy.refundable) return
    const cost = this.#cost()
    const { body } = await this.#decide('/v1/reserve', policy, user, cost)
    if (!body.allowed) return
    this.ledger.spend(policy, user, cost)
    this.#reservations.push({ policy, user, cost, token: body.reservation })
  }

  /** By whichever service, and then by all of them once more. */
  async #refund(): Promise<void> {
    const spend = take(this.#receipts, this.#random)
    if (spend === undefined) return
    const { policy, user, cost, token } = spend
    const { body } = await this.#post('/v1/refund', { receipt: token })
    expect(body.refunded).toBe(cost)
    this.ledger.spend(policy, user, -cost)
    for (const service of this.#services) {
      expect((await service.post('/v1/refund', { receipt: token })).body.refunded).toBe(0)
    }
  }

  /** Likewise. */
  async #settle(): Promise<void> {
    const spend = take(this.#reservations, this.#random)
    if (spend === undefined) return
    const { policy, user, cost, token } = spend
    const actual = this.#random.between(0, cost + 2)
    const { body } = await this.#post('/v1/settle', { reservation: token, actual })
    expect(body).toMatchObject({ settled: true, actual })
    this.ledger.spend(policy, user, actual - cost)
    for (const service of this.#services) {
      const again = await service.post('/v1/settle', { reservation: token, actual: actual + 1 })
      expect(again.body).toMatchObject({ settled: false, actual })
    }
  }

  /** What was spent before is another's from now on. */
  async #reset(policy: CountedPolicy, user: string): Promise<void> {
    const isOf = (spend: Spend): boolean => spend.policy === policy && spend.user === user
    const { body } = await this.#post('/v1/reset', { ...named(policy, user) })
    expect(body.policies).toEqual([policy.name])
    this.ledger.reset(policy, user)
    const old = this.#receipts.find(isOf)
    forget(this.#receipts, isOf)
    forget(this.#reservations, isOf)
    if (old === undefined) return
    expect((await this.#post('/v1/refund', { receipt: old.token })).body.refunded).toBe(0)
  }

  /** By one; the calls of the others are denied, until yet another one ends it. */
  async #block(policy: CountedPolicy, user: string): Promise<void> {
    await this.#post('/v1/block', { ...named(policy, user), duration: '1h' })
    for (const service of this.#services) {
      const { body } = await remembered(() => service.post('/v1/consume', ask(policy, user)), 'blocked')
      expect([body.allowed, body.reason]).toEqual([false, 'blocked'])
    }
    await this.#post('/v1/unblock', named(policy, user))
  }

  /** The answer has to be the ledger's: no unit too many, and none too few. */
  async #decide(path: string, policy: CountedPolicy, user: string, cost: number): Promise<Answer> {
    const expected = cost <= this.ledger.left(policy, user)
    const service = this.#random.pick(this.#services)
    const answer = await remembered(
      () => service.post(path, { ...ask(policy, user), cost }),
      expected ? 'within-limit' : 'limited',
    )
    this.#count(path, answer.body.allowed)
    expect([path, policy.name, user, answer.body.allowed]).toEqual([path, policy.name, user, expected])
    return answer
  }

  async #post(path: string, body: object): Promise<Answer> {
    const answer = await this.#random.pick(this.#services).post(path, body)
    expect([path, answer.status, answer.body]).toEqual([path, 200, expect.anything()])
    this.#count(path, true)
    return answer
  }

  #count(path: string, allowed: boolean): void {
    const what = allowed ? path : `${path} denied`
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }

  #cost(): number {
    return this.#random.between(1, COST_MAX)
  }

  /** A decision shows no debt. */
  #shownLeft(policy: CountedPolicy, user: string): number {
    return Math.max(0, this.ledger.left(policy, user))
  }
}

/** A denial that a process remembers, and whose reason is another one by now, is asked for again. */
async function remembered(ask: () => Promise<Answer>, reason: string): Promise<Answer> {
  const deadline = performance.now() + FORGOTTEN_MS
  let answer = await ask()
  while (
    answer.body.source === 'deny-cache' &&
    answer.body.reason !== reason &&
    performance.now() < deadline
  ) {
    await sleep(RETRY_MS)
    answer = await ask()
  }
  return answer
}

function ask(policy: CountedPolicy, user: string): object {
  return { attributes: { user, path: `/${policy.name}` } }
}

function named({ name }: CountedPolicy, user: string): object {
  return { attributes: { user }, policy: name }
}

function take(spends: Spend[], random: Random): Spend | undefined {
  if (spends.length === 0) return undefined
  return spends.splice(random.below(spends.length), 1)[0]
}

function forget(spends: Spend[], isOf: (spend: Spend) => boolean): void {
  spends.splice(0, spends.length, ...spends.filter((spend) => !isOf(spend)))
}
