import type { OpenStore, Service } from '../service/service.ts'
import type { Transport } from '../service/transport.ts'
import { createAuditLog } from './audit/audit-log.ts'
import type { OpenLog } from './log/create-log.ts'
import { logDecisions } from './log/log-decisions.ts'
import { logEvents } from './log/log-events.ts'
import { logProxied } from './log/log-proxied.ts'
import { oneInTenSeconds } from './log/seldom.ts'
import { createMetrics, type Metrics, NO_METRICS, type WorkerFigures } from './metrics/create-metrics.ts'
import type { OtherMetrics } from './metrics/other-metrics.ts'
import type { OtelSettings } from './otel/otel-settings.ts'
import { startOtel } from './otel/start-otel.ts'

/** What is watched, and where it is told. */
export interface TelemetryParts extends OpenLog {
  readonly service: Service
  readonly store: Pick<OpenStore, 'figures'>
  /** Those that listen; may be filled later. */
  readonly transports: readonly Transport[]
  /** Whether somebody can read metrics; else nothing is counted. */
  readonly counts: boolean
  /**
   * What other threads have counted.
   * @default there are none
   */
  readonly others?: OtherMetrics | undefined
  /**
   * The threads that answer clients.
   * @default this one
   */
  readonly workers?: (() => WorkerFigures) | undefined
  /** What is exported by OpenTelemetry; null: nothing. */
  readonly otel: OtelSettings | null
}

/** All that watches a service. */
export interface Telemetry {
  readonly metrics: Metrics['text']
  /** Writes a line of the audit log that another thread made, with its end. */
  writeAudit(line: string): void
  /** Opens files again that may have been moved away. */
  reopen(): void
  /** Ends what it holds open; the log stays. */
  close(): Promise<void>
}

/**
 * Watches a service from now on: by metrics, as its configuration says by logs, and as the environment says by OpenTelemetry, whose
 * SDK is loaded for that alone.
 */
export async function createTelemetry(parts: TelemetryParts): Promise<Telemetry> {
  const { log, output, service, store, transports, counts, otel } = parts
  logEvents(log, service)
  logDecisions(log, service)
  const access = logProxied(parts, service)
  const seldom = oneInTenSeconds()
  const audit = createAuditLog(service, {
    standard: output,
    onLost: (file, why) => {
      const message = `the audit log cannot be written (${why}); lines are lost`
      seldom((withheld) => log.error({ file, why, withheld }, message))
    },
    onRestored: (lost, why) => {
      log.warn({ lost, why }, `the audit log can be written again; lines were lost: ${lost}`)
    },
  })
  const dropped = () => ({ log: output.lost, audit: audit.lost })
  const metrics = counts
    ? createMetrics({ service, store, transports, dropped, others: parts.others, workers: parts.workers })
    : NO_METRICS
  const { families } = metrics
  const exporting =
    otel === null
      ? null
      : await startOtel(otel, { service, families, isCoordinator: parts.others !== undefined }, log)
  return {
    metrics: metrics.text,
    writeAudit: (line) => audit.write(line),
    reopen: () => audit.reopen(),
    close: async () => {
      access.flush()
      await exporting?.close()
      metrics.close()
      await audit.close()
    },
  }
}
