import type { Attributes } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { HistogramMetricData, MetricProducer } from '@opentelemetry/sdk-metrics'
import type { MetricName } from '../metrics/catalogue.ts'
import type { Family } from '../metrics/metric.ts'
import type { OtelSdk } from './load-otel.ts'

/** The instrument of durations, and who has it. */
export const SCOPE = 'headgate'
export const DURATIONS = { name: 'ratelimit.check.duration', unit: 's' } as const

const FROM: MetricName = 'headgate_decision_duration_seconds'

/** Labels whose attribute is not their name behind `ratelimit.`. */
const ATTRIBUTES: Readonly<Record<string, string>> = { code: 'error.type' }

/** Durations of decisions that were made in other threads: they are counted there, and summed up when they are exported. */
export function mergedDurations(
  families: () => Promise<readonly Family[]>,
  { api, metrics }: OtelSdk,
  resource: Resource,
): MetricProducer {
  const startTime = hrTime()
  const dataOf = ({ labels = [], samples, bounds = [] }: Family): HistogramMetricData => ({
    descriptor: { ...DURATIONS, description: '', valueType: api.ValueType.DOUBLE },
    aggregationTemporality: metrics.AggregationTemporality.CUMULATIVE,
    dataPointType: metrics.DataPointType.HISTOGRAM,
    dataPoints: samples.flatMap(([values, value]) => {
      if (typeof value === 'number') return []
      const counts = Array.from(value.counts)
      const count = counts.reduce((sum, one) => sum + one, 0)
      return [
        {
          startTime,
          endTime: hrTime(),
          attributes: attributesOf(labels, values),
          value: { buckets: { boundaries: [...bounds], counts }, sum: value.sum, count },
        },
      ]
    }),
  })
  return {
    collect: async () => {
      const durations = (await families()).filter(({ name }) => name === FROM)
      const scopeMetrics = [{ scope: { name: SCOPE }, metrics: durations.map(dataOf) }]
      return { resourceMetrics: { resource, scopeMetrics }, errors: [] }
    },
  }
}

/** Now, in seconds and nanoseconds since 1970. */
function hrTime(): [number, number] {
  const ms = Date.now()
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6]
}

/** The labels of a series as attributes. */
export function attributesOf(labels: readonly string[], values: readonly string[]): Attributes {
  const entries = labels.map((label, i) => [ATTRIBUTES[label] ?? `ratelimit.${label}`, values[i] ?? ''])
  return Object.fromEntries(entries)
}
