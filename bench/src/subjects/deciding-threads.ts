/** Threads that decide at the same time: on the memory that they share, or each on its own. */
import { sharedMemoryStore } from 'headgate/shared-memory'
import type { DecidingParams, DecidingShare, Place } from '../apps/deciding-thread.ts'
import { quantile } from '../harness/quantile.ts'
import { readParams, report } from '../harness/subject.ts'
import { runTogether, type Together } from '../harness/threads.ts'

/** What this subject is told. */
export interface DecidingThreadsParams
  extends Pick<DecidingParams, 'keys' | 'algorithm' | 'limit' | 'burst'> {
  readonly place: Place
  readonly threads: number
  /** By the clock on the wall, by CPU time, or the time that a share of the decisions does not exceed. */
  readonly measure: 'ops/s' | 'decisions/core-second' | 'µs'
  /** With `µs`. */
  readonly share?: number
}

const { threads, measure, share = 1, warmMs, measureMs, ...what } = readParams<DecidingThreadsParams>()
const memory = what.place === 'shared-memory' ? sharedMemoryStore().memory : null
const params: DecidingParams = { ...what, memory, isTimed: measure === 'µs' }
const script = new URL('../apps/deciding-thread.ts', import.meta.url)
report(
  figure(
    await runTogether<DecidingShare, DecidingParams>({ script, threads, params }, { warmMs, measureMs }),
  ),
)

function figure({ shares, cpuSeconds }: Together<DecidingShare>): number {
  if (measure === 'ops/s') return sum(shares.map(({ calls, ms }) => (calls / ms) * 1000))
  if (measure === 'decisions/core-second') return sum(shares.map(({ calls }) => calls)) / cpuSeconds
  return quantile(
    shares.flatMap(({ timesUs }) => [...timesUs]),
    share,
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0)
}
