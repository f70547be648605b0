import { describe, expect, it } from 'vitest'
import { otelSettings } from './otel-settings.ts'

const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:4318'

describe('otelSettings', () => {
  it('exports nothing unless there is an endpoint', () => {
    expect(otelSettings({})).toBeNull()
    expect(otelSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toBeNull()
    expect(otelSettings({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' })).toBeNull()
    const none = { OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }
    expect(otelSettings({ OTEL_EXPORTER_OTLP_ENDPOINT, ...none })).toBeNull()
  })

  it('exports both signals, or the one that has an endpoint or an exporter', () => {
    const on = otelSettings({ OTEL_EXPORTER_OTLP_ENDPOINT })
    expect(on).toEqual({ traces: true, metrics: true, traceShare: 0.01, metricIntervalMs: 60_000 })
    const traces = otelSettings({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: OTEL_EXPORTER_OTLP_ENDPOINT })
    expect(traces).toMatchObject({ traces: true, metrics: false })
    const metrics = otelSettings({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER: 'none' })
    expect(metrics).toMatchObject({ traces: false, metrics: true })
  })

  it.each([
    [{ OTEL_TRACES_SAMPLER: 'always_on' }, 1],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, 0],
    [{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' }, 0.5],
    [{ OTEL_TRACES_SAMPLER_ARG: 'all' }, 0.01],
    [{ OTEL_TRACES_SAMPLER_ARG: '7' }, 0.01],
  ])('reads the share of traces from %j', (env, share) => {
    expect(otelSettings({ OTEL_EXPORTER_OTLP_ENDPOINT, ...env })?.traceShare).toBe(share)
  })
})
