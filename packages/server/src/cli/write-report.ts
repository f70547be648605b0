import { writeFileSync } from 'node:fs'
import { type NamedReport, reportPage } from '../replay/html/report-page.ts'
import { wrongUsage } from '../service/describe-failure.ts'

/** Writes a report as a page, over an earlier one. */
export function writeReport(file: string, report: NamedReport): void {
  const page = reportPage(report)
  try {
    writeFileSync(file, page)
  } catch (reason) {
    const { code } = reason as NodeJS.ErrnoException
    throw wrongUsage(`${file} cannot be written (${code ?? 'unknown error'}); give --html another name`)
  }
}
