import { availableParallelism } from 'node:os'

/** When V8 is to collect garbage in the thread that answers requests. */
export type SingleThreadedGc = (typeof SINGLE_THREADED_GC)[number]

/** `auto`: where this process may use one CPU. */
export const SINGLE_THREADED_GC = ['auto', 'on', 'off'] as const

/**
 * V8 makes objects old from birth where those of a place in the code have outlived a few collections. In one thread a collection
 * may come at any moment, finds the calls of that moment alive, and what is then made old is left for full collections: that
 * multiplied the work of a decision (decision 0058).
 */
const FLAGS = ['--single-threaded-gc', '--no-allocation-site-pretenuring']

/**
 * Starts this program again with these flags of V8, once, where that is wanted and can be: it then never returns. The process is
 * replaced and stays the same one for whoever started it, so that there are no signals and exit codes to pass on, and nothing
 * to be left behind. Before anything is opened: whatever is open is closed.
 */
export function applySingleThreadedGc(when: SingleThreadedGc): void {
  const isWanted = when === 'on' || (when === 'auto' && availableParallelism() === 1)
  const { execPath, execArgv, argv, env } = process
  const missing = FLAGS.filter((flag) => !execArgv.includes(flag))
  if (!isWanted || missing.length === 0) return
  // Absent before Node 22.15, and on Windows.
  process.execve?.(execPath, [execPath, ...missing, ...execArgv, ...argv.slice(1)], env)
}
