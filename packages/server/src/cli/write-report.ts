import {
  accessSync,
  constants,
  fstatSync,
  lstatSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type NamedReport, reportPage } from '../replay/html/report-page.ts'
import { STDIN } from '../replay/read/open-log.ts'
import { wrongUsage } from '../service/describe-failure.ts'

/** Where a report is written, and what it must not be. */
export interface ReportFile {
  readonly file: string
  /** What is read: logs, with `-` for standard input, and configurations. */
  readonly inputs: readonly string[]
  /** Whether a file that is there is written over; one that is read never is. */
  readonly force: boolean
}

/** Throws where a report cannot be written, or would destroy what is there: before the work, not after it. */
export function checkReportFile({ file, inputs, force }: ReportFile): void {
  const folder = dirname(file)
  if (!isWritableFolder(folder)) {
    throw wrongUsage(`${folder} is no folder that can be written to; give --html another name`)
  }
  const input = inputs.find((one) => isSameFile(one, file))
  if (input !== undefined) {
    throw wrongUsage(`${file} is what is read as ${input}; give --html another name`)
  }
  const there = lstatSync(file, { throwIfNoEntry: false })
  if (there === undefined) return
  if (!there.isFile() && !there.isSymbolicLink()) {
    throw wrongUsage(`${file} is no regular file; give --html another name`)
  }
  if (!force) throw wrongUsage(`${file} is there; --force writes over it`)
}

/** Writes a report as a page: the whole of it, or nothing. */
export function writeReport(to: ReportFile, report: NamedReport): void {
  const { file } = to
  const page = reportPage(report)
  // A replay takes its time, and something may have come there since.
  checkReportFile(to)
  const begun = join(dirname(file), `.headgate-report-${process.pid}.tmp`)
  try {
    writeFileSync(begun, page, { flag: 'wx' })
    renameSync(begun, file)
  } catch (reason) {
    const { code } = reason as NodeJS.ErrnoException
    if (code !== 'EEXIST') rmSync(begun, { force: true })
    throw wrongUsage(`${file} cannot be written (${code ?? 'unknown error'}); give --html another name`)
  }
}

function isWritableFolder(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return statSync(folder).isDirectory()
  } catch {
    return false
  }
}

/** Whether both lead to one file, by whatever names and links. */
function isSameFile(input: string, file: string): boolean {
  const to = statSync(file, { throwIfNoEntry: false })
  const from = input === STDIN ? fstatSync(0) : statSync(input, { throwIfNoEntry: false })
  return to !== undefined && from !== undefined && to.dev === from.dev && to.ino === from.ino
}
