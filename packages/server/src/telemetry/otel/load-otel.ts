import { wrongUsage } from '../../service/describe-failure.ts'

/** The parts of the SDK that are used. */
export interface OtelSdk {
  readonly api: typeof import('@opentelemetry/api')
  readonly trace: typeof import('@opentelemetry/sdk-trace')
  readonly metrics: typeof import('@opentelemetry/sdk-metrics')
  readonly resources: typeof import('@opentelemetry/resources')
  readonly OTLPTraceExporter: typeof import('@opentelemetry/exporter-trace-otlp-http').OTLPTraceExporter
  readonly OTLPMetricExporter: typeof import('@opentelemetry/exporter-metrics-otlp-http').OTLPMetricExporter
}

const PACKAGES = [
  '@opentelemetry/api',
  '@opentelemetry/sdk-trace',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/resources',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/exporter-metrics-otlp-http',
]

/** Loads the SDK, which is not installed with Headgate: most do not use it, and it is larger than all the rest. */
export async function loadOtel(): Promise<OtelSdk> {
  try {
    const [api, trace, metrics, resources, traceExporter, metricExporter] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/sdk-metrics'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/exporter-metrics-otlp-http'),
    ])
    const { OTLPTraceExporter } = traceExporter
    const { OTLPMetricExporter } = metricExporter
    return { api, trace, metrics, resources, OTLPTraceExporter, OTLPMetricExporter }
  } catch (reason) {
    if (!isMissing(reason)) throw reason
    const fix = `npm install ${PACKAGES.join(' ')}`
    throw wrongUsage(`OTEL_EXPORTER_OTLP_ENDPOINT takes packages that are not installed; ${fix}, or unset it`)
  }
}

function isMissing(reason: unknown): boolean {
  return reason instanceof Error && 'code' in reason && reason.code === 'ERR_MODULE_NOT_FOUND'
}
