import { HeadgateError } from 'headgate'
import { describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/config.ts'
import { METRICS } from '../../src/telemetry/metrics/catalogue.ts'
import { metered, seriesOf } from './metered-service.ts'
import { seriesUnderKeys, seriesUnderPolicies } from './series.ts'

const ONE = 'policies: [{ name: api, key: user, rules: [{ name: minute, limit: 5/min }] }]'
const api = (rest: string): string => `{policy="api",rule="minute",${rest}}`
const PASSED = `headgate_decisions_total${api('outcome="allowed",reason="within-limit",source="store",transport="http"')}`
const DENIED = `headgate_decisions_total${api('outcome="denied",reason="limited",source="store",transport="http"')}`

describe('metrics', () => {
  it('count decisions by what bound them and how they ended', async () => {
    await using metrics = metered(ONE)
    for (let i = 0; i < 7; i++) await metrics.consume('ada')
    await metrics.consume('bob', 'grpc')
    expect(await metrics.read(PASSED)).toBe(5)
    expect(await metrics.read(DENIED)).toBe(2)
    expect(await metrics.read(PASSED.replace('"http"', '"grpc"'))).toBe(1)
  })

  it('tell how long decisions took, whose number is that of all decisions', async () => {
    await using metrics = metered(ONE)
    for (let i = 0; i < 3; i++) await metrics.consume('ada')
    const labels = '{source="store",transport="http"'
    expect(await metrics.read(`headgate_decision_duration_seconds_count${labels}}`)).toBe(3)
    expect(await metrics.read(`headgate_decision_duration_seconds_bucket${labels},le="+Inf"}`)).toBe(3)
  })

  it('keep a look apart from what is spent', async () => {
    await using metrics = metered(ONE)
    await metrics.service.decide([{ who: { user: 'ada' } }], { transport: 'http', verb: 'peek' })
    expect(await metrics.read('headgate_peeks_total{outcome="allowed",transport="http"}')).toBe(1)
    expect(await metrics.read(PASSED)).toBeUndefined()
  })

  it('count what comes near a limit, and what a rule in shadow would have denied', async () => {
    await using metrics = metered(
      'policies: [{ name: api, key: user, rules: [{ name: minute, limit: 5/min }], shadow: { rules: { minute: { limit: 3/min } } } }]',
    )
    for (let i = 0; i < 5; i++) await metrics.consume('ada')
    expect(await metrics.read('headgate_near_limit_total{policy="api",rule="minute"}')).toBe(2)
    expect(await metrics.read('headgate_shadow_denials_total{policy="api",rule="minute~shadow"}')).toBe(2)
  })

  it('have no policy for what lists decide', async () => {
    await using metrics = metered(`${ONE}\ndeny: { user: eve }`)
    await metrics.consume('eve')
    const labels =
      'policy="",rule="",outcome="denied",reason="denied-by-policy",source="none",transport="http"'
    expect(await metrics.read(`headgate_decisions_total{${labels}}`)).toBe(1)
  })

  it('tell how service, store and transports are', async () => {
    await using metrics = metered(ONE, { log: 4 })
    await metrics.consume('ada')
    const { hash } = metrics.service.configuration()
    const values = {
      headgate_store_available: 1,
      headgate_store_failures_in_a_row: 0,
      'headgate_breaker_state{state="closed"}': 1,
      'headgate_breaker_state{state="open"}': 0,
      'headgate_store_keys{store="main"}': 1,
      'headgate_store_overflows_total{store="main"}': 0,
      headgate_overloads_total: 0,
      headgate_policies: 1,
      [`headgate_configuration_info{hash="${hash}"}`]: 1,
      headgate_configuration_rejected: 0,
      'headgate_connections{transport="http"}': 7,
      headgate_http_fast_requests_total: 5,
      'headgate_http_handed_over_total{reason="target"}': 2,
      'headgate_grpc_connections_ended_total{reason="calm"}': 3,
      'headgate_grpc_calls_shed_total{reason="places"}': 6,
      'headgate_log_dropped_total{output="log"}': 4,
      headgate_draining: 0,
    }
    for (const [series, value] of Object.entries(values)) {
      expect(`${series} ${await metrics.read(series)}`).toBe(`${series} ${value}`)
    }
    metrics.service.drain()
    expect(await metrics.read('headgate_draining')).toBe(1)
  })

  it('count errors, and tokens that are rejected', async () => {
    await using metrics = metered(ONE)
    const origin = { transport: 'http' }
    metrics.service.fail(new HeadgateError('unauthenticated', 'no token'), origin)
    metrics.service.fail(new HeadgateError('invalid-cost', 'no cost'), origin)
    metrics.service.tell('connection-refused', { ...origin, reason: 'peer' })
    await metrics.service.reset({ user: 'ada' }, origin)
    expect(await metrics.read('headgate_failures_total{code="invalid-cost",transport="http"}')).toBe(1)
    expect(await metrics.read('headgate_token_rejections_total{reason="unauthenticated"}')).toBe(1)
    expect(await metrics.read('headgate_token_rejections_total{reason="invalid-cost"}')).toBeUndefined()
    expect(await metrics.read('headgate_connections_refused_total{transport="http",reason="peer"}')).toBe(1)
    expect(await metrics.read('headgate_changes_total{action="reset",transport="http"}')).toBe(1)
  })

  it('follow the configuration: one hash, and no series of a policy that is gone', async () => {
    await using metrics = metered(ONE)
    await metrics.consume('ada')
    const rejected = { file: null, path: '', line: null, column: null, message: 'no', more: 0 }
    metrics.service.reject(rejected)
    expect(await metrics.read('headgate_configuration_rejected')).toBe(1)
    metrics.service.apply(parseConfig(ONE.replace('api', 'web'), 'headgate.yaml'))
    expect(await metrics.read('headgate_configuration_rejected')).toBe(0)
    expect(await metrics.read('headgate_reloads_total{result="applied"}')).toBe(1)
    expect(await metrics.read('headgate_reloads_total{result="rejected"}')).toBe(1)
    await metrics.consume('ada')
    const series = seriesOf(await metrics.text())
    expect(series.filter((one) => one.startsWith('headgate_configuration_info'))).toHaveLength(1)
    expect(series.filter((one) => one.includes('"api"'))).toEqual([])
    expect(series.filter((one) => one.includes('"web"'))).not.toEqual([])
  })

  it('expire with the certificate of listeners', async () => {
    await using metrics = metered(ONE)
    expect(await metrics.text()).not.toContain('certificate')
    metrics.service.tell('certificate', { fingerprint: 'AB', notAfterMs: 5_000, isNew: true })
    expect(await metrics.read('headgate_certificate_expiry_timestamp_seconds')).toBe(5)
    metrics.service.tell('certificate-rejected', { fingerprint: 'AB', notAfterMs: 5_000, message: 'no' })
    expect(await metrics.read('headgate_certificate_rejected')).toBe(1)
  })

  it('are of the process too', async () => {
    await using metrics = metered(ONE)
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_heap_size_used_bytes',
      'process_cpu_seconds_total',
    ]) {
      expect(await metrics.read(name)).toBeGreaterThan(0)
    }
    expect(await metrics.read('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0)
  })
})

describe('series of metrics', () => {
  it('stay as many under any number of keys, which they never tell', async () => {
    await using metrics = metered(ONE)
    expect(await seriesUnderKeys(metrics, 2000)).toEqual({ grown: 0, told: 0 })
  })

  it('are bounded whatever rules come with calls', async () => {
    await using metrics = metered(ONE)
    const decide = async (i: number): Promise<void> => {
      const who = { key: `k${i}` }
      await metrics.service.decide([{ who, policy: 'http', rule: { limit: `5/${i + 1}s` } }], {
        transport: 'http',
      })
      const request = { who: { user: `k${i}` }, policy: 'api', limit: ['5/min', `2/${i + 100}s`] }
      await metrics.service.decide([request], { transport: 'http' })
    }
    for (let i = 0; i < 100; i++) await decide(i)
    const decisions = seriesOf(await metrics.text()).filter((one) =>
      one.startsWith('headgate_decisions_total'),
    )
    expect(decisions.length).toBeLessThan(10)
    expect(decisions.join()).toContain('policy="http",rule=""')
    expect(decisions.join()).toContain('policy="~other"')
  })

  it('are bounded under policies that come and go', async () => {
    await using metrics = metered(ONE)
    expect(await seriesUnderPolicies(metrics, { rounds: 2, each: 1100 })).toEqual({
      series: 1001,
      gone: 0,
      others: 1,
    })
  })

  it('are all of metrics that are described', async () => {
    await using metrics = metered(ONE)
    await metrics.consume('ada')
    const exposed = [...(await metrics.text()).matchAll(/^# TYPE (headgate_\S+)/gm)].map(([, name]) => name)
    expect(exposed.filter((name) => !Object.hasOwn(METRICS, name ?? ''))).toEqual([])
  })
})
