import type { OpenStore, Service } from '../../service/service.ts'
import type { Transport } from '../../service/transport.ts'
import { family, single } from './catalogue.ts'
import { DecisionCounts } from './decision-counts.ts'
import { LabelledCounts } from './labelled-counts.ts'
import { mergeFamilies } from './merge-families.ts'
import type { Family } from './metric.ts'
import { NO_OTHER_METRICS, type OtherMetrics } from './other-metrics.ts'
import { processFamilies } from './process-metrics.ts'
import { ProxyCounts } from './proxy-counts.ts'
import { healthFamilies, stateFamilies } from './state-families.ts'
import { RuntimeWatch, type ThreadRuntime } from './thread-runtime.ts'
import { type Exposition, writeText } from './write-text.ts'

/** What metrics are read from. */
export interface MetricsParts {
  readonly service: Service
  readonly store: Pick<OpenStore, 'figures'>
  /** Those that listen; may be filled later. */
  readonly transports: readonly Transport[]
  /** Lines that each output of the log has lost. */
  readonly dropped: () => Readonly<Record<string, number>>
  /**
   * What other threads have counted of services with the same configuration.
   * @default there are none
   */
  readonly others?: OtherMetrics | undefined
  /**
   * The threads that answer clients.
   * @default this one
   */
  readonly workers?: (() => WorkerFigures) | undefined
}

/** How many threads answer clients. */
export interface WorkerFigures {
  /** Now. */
  readonly serving: number
  /** How many were started in place of others. */
  readonly restarts: number
}

const THIS_THREAD: WorkerFigures = { serving: 1, restarts: 0 }

/** Counters and gauges of a service. */
export interface Metrics {
  /** As text, in the format that a field `Accept` asks for. */
  text(accept?: string): Promise<Exposition>
  /** What is counted in all threads, and how service and store are; without the process. */
  families(): Promise<readonly Family[]>
  /** What is counted in this thread, as plain data. */
  counted(): Family[]
  /** How this thread runs, since that was asked before. */
  runtime(): ThreadRuntime
  /** Ends what measures the thread. */
  close(): void
}

/** Counts what a service does from now on, and reads how it is when somebody asks. */
export function createMetrics(parts: MetricsParts): Metrics {
  const { service, store, transports, dropped, others = NO_OTHER_METRICS } = parts
  const { workers = () => THIS_THREAD } = parts
  const decisions = new DecisionCounts(service.configuration)
  service.on('decision', (event) => decisions.add(event))
  service.on('near-limit', (event) => decisions.addNearLimit(event))
  const events = countEvents(service)
  const proxy = new ProxyCounts(service)
  const watch = new RuntimeWatch()
  const counted = (): Family[] => [
    ...decisions.families(),
    ...events(),
    ...proxy.families(),
    ...stateFamilies(service, store, transports),
    family(
      'headgate_log_dropped_total',
      Object.entries(dropped()).map(([output, count]) => [[output], count]),
    ),
  ]
  const families = async (): Promise<readonly Family[]> => {
    const elsewhere = await others.counted()
    return [
      ...mergeFamilies(counted(), elsewhere.families),
      ...healthFamilies(elsewhere.health ?? service.health()),
      ...workerFamilies(workers()),
    ]
  }
  return {
    text: async (accept) => {
      const [all, runtimes] = await Promise.all([families(), others.runtimes()])
      return writeText([...all, ...(await processFamilies({ own: watch.take(), workers: runtimes }))], accept)
    },
    families,
    counted,
    runtime: () => watch.take(),
    close: () => watch.close(),
  }
}

function workerFamilies({ serving, restarts }: WorkerFigures): Family[] {
  return [single('headgate_workers', serving), single('headgate_worker_restarts_total', restarts)]
}

/** Where nobody reads them. */
export const NO_METRICS: Metrics = {
  families: async () => [],
  counted: () => [],
  runtime: () => ({
    heapTotalBytes: 0,
    heapUsedBytes: 0,
    externalBytes: 0,
    lagMeanSeconds: 0,
    lagP99Seconds: 0,
    lagMaxSeconds: 0,
  }),
  text: async () => writeText([]),
  close: () => {},
}

const TOKEN_REJECTIONS: readonly string[] = ['unauthenticated', 'forbidden', 'limited']

/** Counts events that are few, beside decisions. */
function countEvents({ on }: Pick<Service, 'on'>): () => Family[] {
  const failures = new LabelledCounts('headgate_failures_total')
  const rejections = new LabelledCounts('headgate_token_rejections_total')
  const changes = new LabelledCounts('headgate_changes_total')
  const policyChanges = new LabelledCounts('headgate_policy_changes_total')
  const refused = new LabelledCounts('headgate_connections_refused_total')
  const reloads = new LabelledCounts('headgate_reloads_total')
  let isRejected = false
  on('failure', ({ failure: { code }, transport }) => {
    failures.add([code, transport])
    if (TOKEN_REJECTIONS.includes(code)) rejections.add([code])
  })
  on('change', ({ action, transport, outcome }) => {
    if (outcome === 'done') changes.add([action, transport])
  })
  on('policy-change', ({ action, transport }) => policyChanges.add([action, transport]))
  on('connection-refused', ({ transport, reason }) => refused.add([transport, reason]))
  on('configuration', ({ isNew }) => {
    isRejected = false
    reloads.add([isNew ? 'applied' : 'unchanged'])
  })
  on('configuration-rejected', () => {
    isRejected = true
    reloads.add(['rejected'])
  })
  const certificate = certificateFamilies({ on })
  return () => [
    ...[failures, rejections, changes, policyChanges, refused, reloads].map((one) => one.family()),
    single('headgate_configuration_rejected', isRejected ? 1 : 0),
    ...certificate(),
  ]
}

function certificateFamilies({ on }: Pick<Service, 'on'>): () => Family[] {
  let notAfterMs: number | null = null
  let isRejected = false
  on('certificate', (event) => {
    notAfterMs = event.notAfterMs
    isRejected = false
  })
  on('certificate-rejected', (event) => {
    notAfterMs = event.notAfterMs
    isRejected = true
  })
  return () => {
    if (notAfterMs === null) return []
    return [
      single('headgate_certificate_expiry_timestamp_seconds', notAfterMs / 1000),
      single('headgate_certificate_rejected', isRejected ? 1 : 0),
    ]
  }
}
