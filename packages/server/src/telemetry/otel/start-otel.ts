import type { Logger } from 'pino'
import { oneInTenSeconds } from '../log/seldom.ts'
import { exportMetrics, type MetricSource } from './export-metrics.ts'
import { loadOtel, type OtelSdk } from './load-otel.ts'
import type { OtelSettings } from './otel-settings.ts'
import { type Exporting, traceDecisions } from './trace-decisions.ts'

/** What a process that cannot send ends with all the same. */
const CLOSE_MS = 2000

/** Exports what a service does by OpenTelemetry, until it is closed. */
export async function startOtel(
  { traces, metrics, traceShare, metricIntervalMs }: OtelSettings,
  source: MetricSource,
  log: Logger,
): Promise<Exporting> {
  const sdk = await loadOtel()
  logDiagnostics(sdk, log)
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = sdk.resources
  // What the environment says wins over the name of the program.
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'headgate' }))
    .merge(detectResources({ detectors: [envDetector] }))
  const exporting = [
    ...(traces ? [traceDecisions(source.service, sdk, { resource, share: traceShare })] : []),
    ...(metrics ? [exportMetrics(source, sdk, { resource, intervalMs: metricIntervalMs })] : []),
  ]
  return { close: async () => withinLimit(Promise.allSettled(exporting.map((one) => one.close()))) }
}

/** What the SDK cannot send it tells its own log: ours has it, once in 10 s. */
function logDiagnostics({ api }: OtelSdk, log: Logger): void {
  const seldom = oneInTenSeconds()
  const tell = (message: string): void => {
    seldom((withheld) => log.warn({ withheld }, `OpenTelemetry: ${message.slice(0, 300)}`))
  }
  const nothing = (): void => {}
  const logger = { error: tell, warn: tell, info: nothing, debug: nothing, verbose: nothing }
  api.diag.setLogger(logger, { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true })
}

async function withinLimit(closing: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS)
  })
  await Promise.race([closing, late])
  clearTimeout(timer)
}
