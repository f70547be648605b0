/** What is exported by OpenTelemetry, as its own variables of the environment say. */
export interface OtelSettings {
  readonly traces: boolean
  readonly metrics: boolean
  /** The share of requests without a parent that have a span, from 0 to 1; a parent decides for those that have one. */
  readonly traceShare: number
  readonly metricIntervalMs: number
}

type Environment = Readonly<Record<string, string | undefined>>

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT'
/** Every request would be more than a limiter does itself. */
const SHARE = 0.01
const INTERVAL_MS = 60_000

/** Reads the variables; null where nothing is exported. Where to, and how, the exporters read by themselves. */
export function otelSettings(env: Environment): OtelSettings | null {
  if (env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true') return null
  const isOn = (signal: 'TRACES' | 'METRICS'): boolean => {
    const endpoint = env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] || env[ENDPOINT]
    return Boolean(endpoint) && env[`OTEL_${signal}_EXPORTER`] !== 'none'
  }
  const [traces, metrics] = [isOn('TRACES'), isOn('METRICS')]
  if (!traces && !metrics) return null
  return { traces, metrics, traceShare: shareOf(env), metricIntervalMs: intervalOf(env) }
}

function shareOf(env: Environment): number {
  const sampler = env['OTEL_TRACES_SAMPLER'] ?? ''
  if (sampler.endsWith('always_on')) return 1
  if (sampler.endsWith('always_off')) return 0
  const share = Number(env['OTEL_TRACES_SAMPLER_ARG'] || SHARE)
  return share >= 0 && share <= 1 ? share : SHARE
}

function intervalOf(env: Environment): number {
  const given = Number(env['OTEL_METRIC_EXPORT_INTERVAL'] || INTERVAL_MS)
  return Number.isInteger(given) && given >= 1 ? given : INTERVAL_MS
}
