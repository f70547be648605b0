import { readFileSync } from 'node:fs'

/** Of Linux, everywhere. */
const TICKS_PER_SECOND = 100

/** Seconds of a core that a process has used, with all of its threads and in the kernel. */
export function coreSeconds(pid: number): number {
  return ticks(pid, 11) / TICKS_PER_SECOND
}

/** Seconds of a core that children of this process used which have ended. */
export function childSeconds(): number {
  return ticks('self', 13) / TICKS_PER_SECOND
}

/** Two fields that stand beside each other: of the program and of the kernel. */
function ticks(pid: number | 'self', first: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name of the program may have blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[first]) + Number(fields[first + 1])
}
