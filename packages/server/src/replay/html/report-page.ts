import type { ReplayReport } from '../run-replay.ts'

/** A report, and of which files it is. */
export interface NamedReport extends ReplayReport {
  readonly files: { readonly config: string; readonly against: string | null }
}

/** The report as one page. */
export function reportPage(report: NamedReport): string {
  return JSON.stringify(report)
}
