/** What is counted of the proxy: by closed sets, whatever clients send; and nothing where nothing is proxied. */
import { describe, expect, it } from 'vitest'
import { Events } from '../../src/service/events.ts'
import { mergeFamilies } from '../../src/telemetry/metrics/merge-families.ts'
import { ProxyCounts } from '../../src/telemetry/metrics/proxy-counts.ts'
import { metered, seriesOf } from './metered-service.ts'
import { PROXIED } from './proxied-request.ts'

const FILE = 'policies: [{ name: api, key: user, rules: [5/min] }]'
const TARGET = 'http://127.0.0.1:3000'

describe('metrics of the proxy', () => {
  it('are none where the process is no proxy', async () => {
    await using metrics = metered(FILE)
    await metrics.consume('ada')
    expect(await metrics.text()).not.toContain('headgate_proxy_')
  })

  it('count requests by outcome and route, and tell how long they took', async () => {
    await using metrics = metered(FILE)
    const { service, read } = metrics
    for (let i = 0; i < 3; i++) service.tell('proxied', PROXIED)
    service.tell('proxied', {
      ...PROXIED,
      outcome: 'rate-limited',
      target: null,
      upstreamMs: null,
      durationMs: 0.1,
    })
    expect(await read('headgate_proxy_requests_total{outcome="ok",route="/v2"}')).toBe(3)
    expect(await read('headgate_proxy_requests_total{outcome="rate-limited",route="/v2"}')).toBe(1)
    const durations = 'headgate_proxy_request_duration_seconds'
    expect(await read(`${durations}_count{outcome="ok"}`)).toBe(3)
    expect(await read(`${durations}_bucket{outcome="ok",le="0.01"}`)).toBe(0)
    expect(await read(`${durations}_bucket{outcome="ok",le="0.025"}`)).toBe(3)
    expect(await read(`${durations}_bucket{outcome="rate-limited",le="0.001"}`)).toBe(1)
    expect(await read('headgate_proxy_upstream_duration_seconds_count')).toBe(3)
    expect(await read('headgate_proxy_upstream_duration_seconds_sum')).toBeCloseTo(0.024)
  })

  it('have as many series after a storm of methods, hosts, paths, clients and principals', async () => {
    await using metrics = metered(FILE)
    const { service } = metrics
    service.tell('proxied', PROXIED)
    const before = seriesOf(await metrics.text())
    for (let i = 0; i < 100_000; i++) {
      const text = `made-up-${i}`
      const made = { method: text, host: text, path: `/${text}`, ip: text, principal: text }
      service.tell('proxied', { ...PROXIED, ...made, requestId: text, isLogged: false })
    }
    const after = await metrics.text()
    expect(seriesOf(after)).toHaveLength(before.length)
    expect(after).not.toContain('made-up')
  })

  it('are bounded under routes that come and go', async () => {
    await using metrics = metered(FILE)
    for (let i = 0; i < 2000; i++) metrics.service.tell('proxied', { ...PROXIED, route: `/r${i}` })
    const requests = seriesOf(await metrics.text()).filter((one) => one.includes('proxy_requests_total'))
    expect(requests).toHaveLength(256)
    expect(requests).toContain('headgate_proxy_requests_total{outcome="ok",route="~other"}')
  })

  it('tell of targets that get no requests, however many there were before', async () => {
    await using metrics = metered(FILE)
    const { service, read } = metrics
    const series = `headgate_proxy_target_healthy{target="${TARGET}"}`
    service.tell('target-health', { target: TARGET, isHealthy: false, why: 'it hung up' })
    expect(await read(series)).toBe(0)
    service.tell('target-health', { target: TARGET, isHealthy: true, why: 'it answers' })
    expect(await read(series)).toBe(1)
    service.tell('target-health', { target: TARGET, isHealthy: false, why: 'it hung up' })
    for (let i = 0; i < 1500; i++) {
      for (const isHealthy of [false, true])
        service.tell('target-health', { target: `t${i}`, isHealthy, why: '' })
    }
    const targets = seriesOf(await metrics.text()).filter((one) => one.includes('target_healthy'))
    expect(targets).toHaveLength(1000)
    expect(await read(series)).toBe(0)
    expect(await read('headgate_proxy_target_healthy{target="t1499"}')).toBe(1)
  })

  it('are those of all threads together, where a target is as ill as one of them finds it', () => {
    const threads = [new Events(), new Events(), new Events()]
    const [own, ...others] = threads.map((events) => new ProxyCounts({ on: (...to) => events.on(...to) }))
    for (const [i, events] of threads.entries()) {
      // The first one coordinates, and proxies nothing.
      if (i === 0) continue
      events.emit('proxied', PROXIED)
      events.emit('target-health', { target: TARGET, isHealthy: i === 1, why: '' })
    }
    const merged = mergeFamilies(
      own?.families() ?? [],
      others.map((one) => one.families()),
    )
    const samples = Object.fromEntries(merged.map(({ name, samples }) => [name, samples]))
    expect(samples['headgate_proxy_requests_total']).toEqual([[['ok', '/v2'], 2]])
    expect(samples['headgate_proxy_target_healthy']).toEqual([[[TARGET], 0]])
    expect(samples['headgate_proxy_upstream_duration_seconds']).toMatchObject([[[], { sum: 0.016 }]])
  })
})
