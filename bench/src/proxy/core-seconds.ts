import { readFileSync } from 'node:fs'

/** Of Linux, everywhere. */
const TICKS_PER_SECOND = 100

/** Seconds of a core that a process has used, with all of its threads and in the kernel. */
export function coreSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program may have blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
