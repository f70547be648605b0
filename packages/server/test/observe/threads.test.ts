/** What several threads have seen together is what one would have seen: counts, denials, keys. */
import fc from 'fast-check'
import { HeadgateError } from 'headgate'
import { describe, expect, it } from 'vitest'
import type { DecisionMade } from '../../src/service/events.ts'
import { createObserver, type Observer } from '../../src/service/observe/observer.ts'
import { NO_OTHERS, type OtherThreads } from '../../src/service/observe/other-threads.ts'
import { createThreadObserver, type ThreadObserver } from '../../src/service/observe/thread-observer.ts'
import { endedThreads } from '../../src/service/observe/thread-part.ts'
import { type EventfulService, eventfulService } from './eventful-service.ts'

const SEVERAL = 3
const NOW = 1_700_000_000_000
const ALL = { grant: null }

const decisions = fc.array(
  fc.record({
    thread: fc.nat(SEVERAL - 1),
    user: fc.nat(5),
    policy: fc.constantFrom('users', 'other', null),
    rule: fc.constantFrom('a', 'b', 'c'),
    allowed: fc.boolean(),
    verb: fc.constantFrom<DecisionMade['verb']>('consume', 'peek', 'reserve'),
    source: fc.constantFrom<DecisionMade['decision']['source']>('store', 'fallback', 'none'),
    transport: fc.constantFrom('http', 'grpc', 'resp'),
    durationMs: fc.integer({ min: 1, max: 5000 }),
    cost: fc.integer({ min: 0, max: 9 }),
    // Of what happens in one millisecond in several threads nobody knows the order.
    afterMs: fc.integer({ min: 1, max: 3 }),
    isShadowDenied: fc.boolean(),
    hasFailed: fc.boolean(),
  }),
  { maxLength: 120 },
)

const ONE: Happened = {
  ...{ thread: 0, user: 0, policy: 'users', rule: 'a', allowed: true, verb: 'consume', source: 'store' },
  ...{ transport: 'http', durationMs: 1, cost: 1, afterMs: 1, isShadowDenied: false, hasFailed: false },
}

type Happened = (typeof decisions extends fc.Arbitrary<infer T> ? T : never)[number]

describe('what several threads have seen', () => {
  it('is together what one would have seen of all of it', async () => {
    await fc.assert(
      fc.asyncProperty(decisions, async (stream) => {
        await using seen = severalAndOne()
        for (const [i, happened] of stream.entries()) seen.happen(happened, i)
        await seen.second()
        await expectSame(seen)
      }),
      { numRuns: 50 },
    )
  })

  it('is the same in the seconds that are remembered and in a snapshot, though threads go on while they are asked', async () => {
    const service = eventfulService()
    const thread = createThreadObserver(service)
    // Whenever it was asked, one more is decided.
    const goesOn = <T>(said: T): [T] => {
      tell(service, ONE, 0)
      return [said]
    }
    const others = {
      ...NO_OTHERS,
      parts: async () => goesOn(structuredClone(thread.part())),
      totals: async () => goesOn(thread.totals()),
    }
    let tick = (): void => {}
    const everySecond = (each: () => void) => {
      tick = each
      return () => {}
    }
    const observer = createObserver(eventfulService(), { everySecond, others })
    const next = (): Promise<{ allowed: number; at: number }> =>
      new Promise((resolve) => {
        const send = (_: string, json: string): boolean => {
          resolve(JSON.parse(json))
          return false
        }
        observer.watch(ALL, { send, end: () => {} })
        tick()
      })
    goesOn(null)
    for (const allowed of [1, 2, 3]) {
      const snapshot = await next()
      const seconds = observer.history(ALL) ?? []
      expect(snapshot.allowed).toBe(allowed)
      expect(seconds.reduce((sum, second) => sum + second.allowed, 0)).toBe(allowed)
      expect(seconds.at(-1)?.at).toBe(snapshot.at)
    }
    observer.close()
    thread.close()
  })

  it('stays counted where a thread has ended', async () => {
    await fc.assert(
      fc.asyncProperty(decisions, fc.nat(SEVERAL - 1), async (stream, which) => {
        await using seen = severalAndOne()
        for (const [i, happened] of stream.entries()) seen.happen(happened, i)
        seen.end(which)
        const ofLastMinutes = { latency: null, averageLatencyMs: null, rates: null }
        const [one, merged] = await Promise.all(
          seen.both.map(async (each) => normal({ ...(await each.statistics(ALL)), ...ofLastMinutes })),
        )
        expect(merged).toEqual(one)
        expect((await seen.merged.denials(ALL, { limit: 1000 })).since).toBe(seen.lostAt())
      }),
      { numRuns: 50 },
    )
  })

  it('has the last thousand denials of all threads, and says since when', async () => {
    await using seen = severalAndOne()
    for (let i = 0; i < 2500; i++) {
      seen.happen({ ...DENIED, thread: i % SEVERAL, user: i % 6, afterMs: 1 }, i)
      if (i % 500 === 0) await seen.second()
    }
    const [one, merged] = await Promise.all(seen.both.map((each) => each.denials(ALL, { limit: 1000 })))
    expect(merged?.denials).toHaveLength(1000)
    expect(merged).toEqual(one)
    const id = merged?.denials[999]?.id as string
    expect(await seen.merged.denial(ALL, id)).toMatchObject({ id })
  })
})

const DENIED: Omit<Happened, 'thread' | 'user' | 'afterMs'> = {
  policy: 'users',
  rule: 'a',
  allowed: false,
  verb: 'consume',
  source: 'store',
  transport: 'http',
  durationMs: 1,
  cost: 1,
  isShadowDenied: false,
  hasFailed: false,
}

async function expectSame({ both }: SeveralAndOne): Promise<void> {
  const [one, merged] = await Promise.all(
    both.map(async (each) => ({
      statistics: normal(await each.statistics(ALL)),
      history: each.history(ALL),
      health: { ...(await each.health(ALL)), eventLoop: null, memory: null },
      denials: await each.denials(ALL, { limit: 1000 }),
      requests: normal(await each.top(ALL, { by: 'requests', count: 100 })),
      units: normal(await each.top(ALL, { by: 'units', count: 100 })),
      denied: normal(await each.top(ALL, { by: 'denied', count: 100, policy: 'users' })),
    })),
  )
  expect(merged).toEqual(one)
}

/** Lists of what is equally heavy have no order. */
function normal<T extends object>(view: T): T {
  const sorted = Object.entries(view).map(([name, value]) => {
    const texts =
      Array.isArray(value) && name !== 'rates' ? value.map((one) => JSON.stringify(one)).sort() : value
    return [name, texts]
  })
  return Object.fromEntries(sorted)
}

interface SeveralAndOne extends AsyncDisposable {
  readonly both: readonly [Observer, Observer]
  readonly merged: Observer
  happen(what: Happened, number: number): void
  second(): Promise<void>
  /** One of the threads ends. */
  end(which: number): void
  lostAt(): number | null
}

/** One observer to whom all happens, and one of several threads to each of which a part happens. */
function severalAndOne(): SeveralAndOne {
  let at = NOW
  const now = (): number => at
  const ticks: (() => void)[] = []
  const everySecond = (tick: () => void): (() => void) => {
    ticks.push(tick)
    return () => {}
  }
  const services = Array.from({ length: SEVERAL }, () => eventfulService())
  const threads = services.map((service) => createThreadObserver(service, { now }))
  const whole = eventfulService()
  const others = new ClonedThreads([...threads], now)
  const merged = createObserver(eventfulService(), { now, everySecond, others })
  const one = createObserver(whole, { now, everySecond })
  return {
    both: [one, merged],
    merged,
    happen: (what, number) => {
      at += what.afterMs
      for (const service of [whole, services[what.thread] as EventfulService]) tell(service, what, number)
    },
    second: async () => {
      at += 1000
      for (const thread of threads) thread.tick()
      for (const tick of ticks) tick()
    },
    end: (which) => others.end(which),
    lostAt: () => others.lostAt,
    [Symbol.asyncDispose]: async () => {
      for (const closed of [one, merged, ...threads]) closed.close()
    },
  }
}

/** All that comes from another thread is cloned on the way. */
class ClonedThreads implements OtherThreads {
  readonly #threads: ThreadObserver[]
  readonly #now: () => number
  #ended: ReturnType<ThreadObserver['part']>[] = []
  lostAt: number | null = null

  constructor(threads: ThreadObserver[], now: () => number) {
    this.#threads = threads
    this.#now = now
  }

  end(which: number): void {
    const [ended] = this.#threads.splice(which, 1)
    if (ended === undefined) return
    this.#ended = [endedThreads([structuredClone(ended.part()), ...this.#ended])]
    this.lostAt = this.#now()
  }

  asOwn = (part: ReturnType<ThreadObserver['part']>) => ({ ...part, deciding: null })
  parts = async () => [...this.#threads.map((one) => structuredClone(one.part())), ...this.#ended]
  totals = async () => this.#threads.map((one) => one.totals())
  denials = async () => this.#threads.map((one) => structuredClone(one.denials()))
  top: OtherThreads['top'] = async (query, most) =>
    this.#threads.flatMap((one) => structuredClone(one.top(query, most)))
  passOn = NO_OTHERS.passOn
}

function tell(service: EventfulService, what: Happened, number: number): void {
  const { allowed, policy, rule, source, cost, user, verb, transport, durationMs, isShadowDenied } = what
  const shadow = isShadowDenied ? [{ policy: 'other', rule, allowed: false }] : []
  const reason = allowed ? 'ok' : 'limited'
  service.emit('decision', {
    decision: { allowed, policy, rule, reason, source, cost, retryAfterMs: 1, shadow } as never,
    id: allowed ? null : `id-${number}`,
    request: { who: { user: `user${user}` } },
    verb,
    transport,
    durationMs,
    cost,
  })
  if (!what.hasFailed) return
  const error = new HeadgateError('store-unavailable', 'no')
  const failure = { code: error.code, isCallers: false, error } as never
  service.emit('failure', { failure, transport })
}
