import type { Observer } from '../../service/observe/observer.ts'

/** What the admin listener shows and changes beside the service itself: made where the process is put together. */
export interface AdminParts {
  /** Counters and gauges as text for Prometheus, in the format that a field `Accept` asks for. */
  readonly metrics: (accept?: string) => Promise<MetricsText>
  /** What this process has seen. */
  readonly observer: Observer
}

/** Metrics as they are sent. */
export interface MetricsText {
  readonly type: string
  readonly text: string
}
