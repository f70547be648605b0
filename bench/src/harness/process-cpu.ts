import { readFileSync } from 'node:fs'

/** A tick of the clock that Linux counts CPU time by. */
const TICK_SECONDS = 0.01
/** Where `utime` and `stime` stand behind the name of a process, in parentheses, which may have spaces. */
const USER = 11
const SYSTEM = 12

/** Seconds of a core that a process has used, all its threads together, to a hundredth. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[USER]) + Number(fields[SYSTEM])) * TICK_SECONDS
}
