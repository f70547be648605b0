/** Writers of several versions and configurations on one key of Redis, and the model beside them. */
import type { Redis } from 'ioredis'
import { expect } from 'vitest'
import type { CalendarTerms } from '../../src/core/algorithms/fixed-window.ts'
import { type Budget, budgetOf } from '../../src/core/budget.ts'
import { compileRule } from '../../src/core/rule.ts'
import { VERDICT } from '../../src/core/store.ts'
import { calendarEdges } from '../../src/stores/redis/calendar-edges.ts'
import type { RedisStore } from '../../src/stores/redis/redis-store.ts'
import { type ManualClock, manualClock } from '../../src/testing/manual-clock.ts'
import type { FrozenRule } from '../fixtures/h1/rules.ts'
import { type FrozenAsk, H1Writer } from '../fixtures/h1/writer.ts'
import { ReferenceStore } from '../oracle/reference-store.ts'
import { clockedRedisStore } from '../redis-subject.ts'
import { rewriteAsNext, UNKNOWN } from './next-version.ts'

/** `next` writes all that a later version may append, and reads as the present one does. */
export type Version = 'h1' | 'present' | 'next'
export type Verb = 'consume' | 'peek' | 'charge' | 'refund'

/** One configuration, compiled and as H1 wrote it. */
interface Configuration {
  readonly budget: Budget
  readonly lines: readonly string[]
}

export interface Step {
  /** Which of the versions, and which of the configurations, that are there at the time. */
  readonly actor: number
  readonly verb: Verb
  readonly us: number
  readonly cost: number
}

let cases = 0

/** One key on Redis, with a writer of each version and the model beside them. */
export class VersionsBench {
  readonly clock: ManualClock = manualClock()
  /** Values that somebody did not know. */
  foreign = 0
  readonly #client: Redis
  #nextWasHere = false
  readonly #configurations: readonly Configuration[]
  readonly #model = new ReferenceStore(this.clock)
  readonly #present: RedisStore
  readonly #h1: H1Writer
  readonly #spends: { id: string; cost: number; takenAtUs: number; recovered: Map<string, number> }[] = []

  constructor(client: Redis, rules: readonly (readonly FrozenRule[])[]) {
    const prefix = `v${++cases}`
    this.#client = client
    this.#present = clockedRedisStore(client, this.clock, { prefix })
    this.#h1 = new H1Writer(client, prefix)
    this.#configurations = rules.map((some) => ({
      budget: budgetOf(
        'policy',
        some.map(({ options }) => compileRule(options, 'rule')),
      ),
      lines: some.map(({ line }) => line),
    }))
  }

  /** Lets one writer do something, and compares it with the model; answers the verdicts. */
  async play(version: Version, { actor, verb, us, cost }: Step): Promise<number[]> {
    this.clock.advanceUs(us)
    const configuration = this.#configurations[actor % this.#configurations.length] as Configuration
    const foreign = this.#present.stats().foreign
    const answer =
      verb === 'refund'
        ? await this.#refund(version, configuration, cost)
        : await this.#decide(version, configuration, verb, cost)
    this.foreign += this.#present.stats().foreign - foreign
    await this.#writeNext(version)
    return answer
  }

  /** Appends what the next version may; from then on everybody has to keep the rule that only it knows. */
  async #writeNext(version: Version): Promise<void> {
    const key = this.#h1.key({ policy: 'policy', key: 'key' })
    if (this.#nextWasHere) expect(await this.#client.get(key)).toContain(UNKNOWN)
    if (version === 'next') this.#nextWasHere = await rewriteAsNext(this.#client, key)
  }

  async #decide(
    version: Version,
    configuration: Configuration,
    verb: Exclude<Verb, 'refund'>,
    cost: number,
  ): Promise<number[]> {
    const { budget } = configuration
    const asks = [{ budget, key: 'key', cost }]
    const expected = Array.from(this.#model.decideSync(verb, asks).numbers)
    let found: number[]
    if (version === 'h1') {
      const { numbers, foreign } = await this.#h1.decide(
        verb,
        this.#frozen(configuration, cost),
        this.clock.now(),
      )
      this.foreign += foreign
      found = numbers
    } else found = Array.from((await this.#present.decide(verb, asks)).numbers)
    expect(found).toEqual(expected)
    if (verb !== 'peek' && cost > 0 && expected.every((n, i) => i % VERDICT !== 0 || n === 0)) {
      const takenAtUs = this.clock.now()
      const ends = budget.rules.map(
        ({ name }, i) => [name, takenAtUs + (expected[i * VERDICT + 2] as number)] as const,
      )
      this.#spends.push({ id: `s${this.#spends.length}`, cost, takenAtUs, recovered: new Map(ends) })
    }
    return expected
  }

  /** Takes one of the last spends back, whoever spent it. */
  async #refund(version: Version, configuration: Configuration, which: number): Promise<number[]> {
    const spend = this.#spends.at(-1 - (which % 3))
    if (spend === undefined) return []
    const { id, cost, takenAtUs, recovered } = spend
    const { budget } = configuration
    const marks = budget.rules.map(({ name }) => {
      const recoveredAtUs = recovered.get(name)
      return recoveredAtUs === undefined ? undefined : { takenAtUs, recoveredAtUs }
    })
    this.#model.refundSync([{ budget, key: 'key', cost, id, marks }])
    if (version === 'h1') {
      const recoveredAtUs = marks.map((mark) => mark?.recoveredAtUs ?? 0)
      const ask = { ...this.#frozen(configuration, cost), id, recoveredAtUs }
      const known = marks.some((mark) => mark !== undefined)
      const { foreign } = await this.#h1.refund(
        { ...ask, takenAtUs: known ? takenAtUs : 0 },
        this.clock.now(),
      )
      this.foreign += foreign
    } else await this.#present.refund([{ budget, key: 'key', cost, id, marks }])
    return []
  }

  #frozen({ budget, lines }: Configuration, cost: number): FrozenAsk {
    const edges = budget.rules.flatMap(({ algorithm, terms }) =>
      algorithm.kind === 'calendar'
        ? [calendarEdges((terms as CalendarTerms).calendar, this.clock.now()).join(' ')]
        : [],
    )
    return { policy: 'policy', key: 'key', cost, lines, edges }
  }
}
