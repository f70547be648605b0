/** What the threads of a process count together is what one would have counted. */
import fc from 'fast-check'
import { HeadgateError } from 'headgate'
import { describe, expect, it } from 'vitest'
import type { DecisionMade } from '../../src/service/events.ts'
import { createMetrics, type Metrics } from '../../src/telemetry/metrics/create-metrics.ts'
import { endedFamilies, forgetRules } from '../../src/telemetry/metrics/merge-families.ts'
import type { Family } from '../../src/telemetry/metrics/metric.ts'
import type { OtherMetrics } from '../../src/telemetry/metrics/other-metrics.ts'
import { writeText } from '../../src/telemetry/metrics/write-text.ts'
import { type EventfulService, eventfulService } from '../observe/eventful-service.ts'

const SEVERAL = 3

const happenings = fc.array(
  fc.record({
    thread: fc.nat(SEVERAL - 1),
    policy: fc.constantFrom('users', 'http', 'gone', null),
    allowed: fc.boolean(),
    verb: fc.constantFrom<DecisionMade['verb']>('consume', 'peek', 'wait'),
    source: fc.constantFrom<DecisionMade['decision']['source']>('store', 'fallback'),
    transport: fc.constantFrom('http', 'grpc', 'resp'),
    durationMs: fc.constantFrom(0.0625, 1, 16, 2048),
    what: fc.constantFrom('decision', 'near-limit', 'failure', 'change'),
  }),
  { maxLength: 80 },
)

type Happening = (typeof happenings extends fc.Arbitrary<infer T> ? T : never)[number]

describe('metrics of several threads', () => {
  it('are together those that one would have, and stay where a thread has ended', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, fc.boolean(), async (stream, ends) => {
        using all = severalAndOne()
        for (const happening of stream) all.happen(happening)
        if (ends) all.end()
        const [one, merged] = await Promise.all(
          all.both.map(async (each) => series(writeText(await each.families()).text)),
        )
        expect(merged).toEqual(one)
      }),
      { numRuns: 60 },
    )
  })

  it('show of a gauge what it means: the most, or what holds for all', async () => {
    using all = severalAndOne()
    const text = series(writeText(await all.both[1].families()).text)
    expect(text).toContain('headgate_connections{transport="http"} 6')
    expect(text).toContain('headgate_store_keys{store="main"} 9')
    expect(text).toContain('headgate_policies 2')
    expect(text).toContain('headgate_store_available 1')
  })

  it('show how late each event loop is that decides, and memory of all', async () => {
    using all = severalAndOne()
    const { text } = await all.both[1].text()
    const lags = text.split('\n').filter((line) => line.startsWith('nodejs_eventloop_lag_p99_seconds{'))
    expect(lags.map((line) => line.slice(0, line.indexOf(' ')))).toEqual(
      [1, 2, 3].map((worker) => `nodejs_eventloop_lag_p99_seconds{worker="${worker}"}`),
    )
    expect(text.match(/^process_cpu_seconds_total /gm)).toHaveLength(1)
  })

  it('of threads that have ended go with the rules of a configuration that was replaced', () => {
    const metrics = createMetrics({ ...PARTS, service: eventfulService() })
    metrics.close()
    const ofPolicy = (name: string): Family['samples'][number] => [
      [name, 'a', 'allowed', 'ok', 'store', 'http'],
      1,
    ]
    const families = metrics
      .counted()
      .map((family) =>
        family.name === 'headgate_decisions_total'
          ? { ...family, samples: ['users', 'gone', '', '~other', 'http'].map(ofPolicy) }
          : family,
      )
    const kept = forgetRules(endedFamilies([families]), new Map([['users', new Set(['a'])]]))
    const decisions = kept.find(({ name }) => name === 'headgate_decisions_total')
    expect(decisions?.samples.map(([[policy]]) => policy)).toEqual(['users', '', '~other', 'http'])
    expect(kept.some(({ type }) => type === 'gauge')).toBe(false)
  })
})

interface SeveralAndOne extends Disposable {
  readonly both: readonly [Metrics, Metrics]
  happen(what: Happening): void
  /** One of the threads ends. */
  end(): void
}

const PARTS = { store: {}, transports: [], dropped: () => ({}) }

/** One to whom all happens, and several of whom each sees a part. */
function severalAndOne(): SeveralAndOne {
  /** `counted` is what its transports count themselves; those that stand for transports of other threads count nothing. */
  const ofThread = (connections: number, keys: number, counted: number | null) => ({
    ...PARTS,
    store: { figures: () => ({ main: { keys } }) },
    transports: [
      {
        name: 'http',
        listen: async () => '',
        connections: () => connections,
        ...(counted !== null && {
          fastPath: () => ({ answered: counted, handedOver: { target: counted } }),
          sentAway: () => ({ connections: { calm: counted }, streams: { places: counted } }),
        }),
        drain: () => {},
        close: async () => {},
      },
    ],
  })
  const services = Array.from({ length: SEVERAL }, () => eventfulService())
  const threads = services.map((service) => createMetrics({ ...ofThread(2, 9, 2), service }))
  let ended: readonly Family[] | null = null
  const others: OtherMetrics = {
    counted: async () => ({
      families: [...threads.map((one) => structuredClone(one.counted())), ...(ended === null ? [] : [ended])],
      health: null,
    }),
    runtimes: async () => new Map(threads.map((one, i) => [i + 1, one.runtime()])),
  }
  const whole = eventfulService()
  const one = createMetrics({ ...ofThread(6, 9, 2 * SEVERAL), service: whole })
  // It knows of all connections.
  const merged = createMetrics({ ...ofThread(6, 9, null), service: eventfulService(), others })
  return {
    both: [one, merged],
    happen: (what) => {
      for (const service of [whole, services[what.thread] as EventfulService]) tell(service, what)
    },
    end: () => {
      const [last] = threads.splice(0, 1)
      if (last === undefined) return
      ended = endedFamilies([structuredClone(last.counted())])
      threads.push(createMetrics({ ...ofThread(2, 9, 0), service: eventfulService() }))
    },
    [Symbol.dispose]: () => {
      for (const closed of [one, merged, ...threads]) closed.close()
    },
  }
}

function tell(service: EventfulService, happening: Happening): void {
  const { allowed, policy, source, verb, transport, durationMs, what } = happening
  const rule = policy === null ? null : '2/min'
  const shadow = allowed ? [] : [{ policy: 'users', rule: '2/min', allowed: false }]
  const decision = { allowed, policy, rule, reason: allowed ? 'ok' : 'limited', source, shadow } as never
  if (what === 'decision') {
    service.emit('decision', { decision, id: null, request: null, verb, transport, durationMs, cost: 1 })
  }
  if (what === 'near-limit') service.emit('near-limit', { decision, transport })
  if (what === 'failure') {
    const error = new HeadgateError('unauthenticated', 'no')
    service.emit('failure', { failure: { code: error.code, error } as never, transport })
  }
  if (what === 'change') {
    service.emit('change', { action: 'reset', keys: [], policies: [], outcome: 'done', transport })
  }
}

/** Lines of series, whatever their order. */
function series(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .sort()
}
