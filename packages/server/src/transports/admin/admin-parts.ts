import type { PolicyOptions } from 'headgate'
import type { PolicyEditor } from '../../service/changes/policy-editor.ts'
import type { Observer } from '../../service/observe/observer.ts'
import type { Recordings } from '../../service/record/recordings.ts'
import type { DashboardFiles } from './dashboard-files.ts'

/** What the admin listener shows and changes beside the service itself: made where the process is put together. */
export interface AdminParts {
  /** Counters and gauges as text for Prometheus, in the format that a field `Accept` asks for. */
  readonly metrics: (accept?: string) => Promise<MetricsText>
  readonly instance: Instance
  /** What this process has seen. */
  readonly observer: Observer
  /** Who records its requests. */
  readonly recordings: Recordings
  /** Changes of policies at run time. */
  readonly changes: PolicyEditor
  /** Null where it is not built. */
  readonly dashboard: DashboardFiles | null
  /** What a policy admits at worst, in sentences. */
  readonly worstCase: (policy: PolicyOptions) => readonly string[]
}

/** What a process was started as. */
export interface Instance {
  readonly version: string
  /** Its configuration: a file or a folder. */
  readonly file: string
  /** The URL of its store, or theirs by name, without user, password and options. */
  readonly store: string
  /** Options of the command line as they are in force, without secrets. */
  readonly options: Readonly<Record<string, string | number | null>>
}

/** Metrics as they are sent. */
export interface MetricsText {
  readonly type: string
  readonly text: string
}
