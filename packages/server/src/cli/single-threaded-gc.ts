import { availableParallelism } from 'node:os'

/** When V8 is to collect garbage in the thread that answers requests. */
export type SingleThreadedGc = (typeof SINGLE_THREADED_GC)[number]

/** `auto`: where this process may use one CPU. */
export const SINGLE_THREADED_GC = ['auto', 'on', 'off'] as const

const FLAG = '--single-threaded-gc'

/**
 * Starts this program again with the flag of V8, once, where that is wanted and can be: it then never returns. The process is
 * replaced and stays the same one for whoever started it, so that there are no signals and exit codes to pass on, and nothing
 * to be left behind. Before anything is opened: whatever is open is closed.
 */
export function applySingleThreadedGc(when: SingleThreadedGc): void {
  const isWanted = when === 'on' || (when === 'auto' && availableParallelism() === 1)
  if (!isWanted || process.execArgv.includes(FLAG)) return
  const { execPath, execArgv, argv, env } = process
  // Absent before Node 22.15, and on Windows.
  process.execve?.(execPath, [execPath, FLAG, ...execArgv, ...argv.slice(1)], env)
}
