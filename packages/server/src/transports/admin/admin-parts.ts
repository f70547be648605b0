/** What the admin listener shows and changes beside the service itself: made where the process is put together. */
export interface AdminParts {
  /** Counters and gauges as text, for Prometheus. */
  readonly metrics: () => Promise<MetricsText>
}

/** Metrics as they are sent. */
export interface MetricsText {
  readonly type: string
  readonly text: string
}
