import type { Meter, Observable } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { Service } from '../../service/service.ts'
import type { MetricName } from '../metrics/catalogue.ts'
import { DurationBuckets } from '../metrics/duration-buckets.ts'
import type { Family } from '../metrics/metric.ts'
import type { OtelSdk } from './load-otel.ts'
import { attributesOf, DURATIONS, mergedDurations, SCOPE } from './merged-durations.ts'
import type { Exporting } from './trace-decisions.ts'

/** A metric of OpenTelemetry, and where its values come from. */
interface Exported {
  readonly name: string
  readonly from: MetricName
  readonly kind: 'counter' | 'gauge'
  readonly unit: string
}

/** What is exported beside durations, by names and units as OpenTelemetry has them. */
const EXPORTED: readonly Exported[] = [
  { name: 'ratelimit.decisions', from: 'headgate_decisions_total', kind: 'counter', unit: '{decision}' },
  { name: 'ratelimit.near_limit', from: 'headgate_near_limit_total', kind: 'counter', unit: '{decision}' },
  {
    name: 'ratelimit.shadow.denials',
    from: 'headgate_shadow_denials_total',
    kind: 'counter',
    unit: '{decision}',
  },
  { name: 'ratelimit.errors', from: 'headgate_failures_total', kind: 'counter', unit: '{request}' },
  { name: 'ratelimit.overloads', from: 'headgate_overloads_total', kind: 'counter', unit: '{decision}' },
  { name: 'ratelimit.store.available', from: 'headgate_store_available', kind: 'gauge', unit: '1' },
  {
    name: 'ratelimit.store.failures',
    from: 'headgate_store_failures_in_a_row',
    kind: 'gauge',
    unit: '{call}',
  },
  { name: 'ratelimit.keys', from: 'headgate_store_keys', kind: 'gauge', unit: '{key}' },
]

/** What the export reads. */
export interface MetricSource {
  readonly service: Pick<Service, 'on'>
  /** Whether decisions are made in other threads, whose durations the families have. */
  readonly isCoordinator: boolean
  readonly families: () => Promise<readonly Family[]>
}

/** Sends what is counted every so often. */
export function exportMetrics(
  { service, families, isCoordinator }: MetricSource,
  sdk: OtelSdk,
  { resource, intervalMs }: { readonly resource: Resource; readonly intervalMs: number },
): Exporting {
  const { metrics, OTLPMetricExporter } = sdk
  const reader = new metrics.PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter(),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(intervalMs, TIMEOUT_MS),
    metricProducers: isCoordinator ? [mergedDurations(families, sdk, resource)] : [],
  })
  const provider = new metrics.MeterProvider({ resource, readers: [reader] })
  const meter = provider.getMeter(SCOPE)
  observe(meter, families)
  if (!isCoordinator) recordDurations(meter, service)
  return { close: () => provider.shutdown() }
}

const TIMEOUT_MS = 30_000

function observe(meter: Meter, families: MetricSource['families']): void {
  const instruments = new Map<string, Observable>(
    EXPORTED.map(({ name, from, kind, unit }) => {
      const options = { unit }
      const isCounter = kind === 'counter'
      return [
        from,
        isCounter ? meter.createObservableCounter(name, options) : meter.createObservableGauge(name, options),
      ]
    }),
  )
  meter.addBatchObservableCallback(
    async (result) => {
      for (const { name, labels = [], samples } of await families()) {
        const instrument = instruments.get(name)
        if (instrument === undefined) continue
        for (const [values, value] of samples) {
          if (typeof value === 'number') result.observe(instrument, value, attributesOf(labels, values))
        }
      }
    },
    [...instruments.values()],
  )
}

function recordDurations(meter: Meter, { on }: Pick<Service, 'on'>): void {
  const durations = meter.createHistogram(DURATIONS.name, {
    unit: DURATIONS.unit,
    advice: { explicitBucketBoundaries: [...DurationBuckets.bounds] },
  })
  on('decision', ({ verb, durationMs, transport, decision: { source } }) => {
    if (verb === 'wait') return
    durations.record(durationMs / 1000, { 'ratelimit.source': source, 'ratelimit.transport': transport })
  })
}
