/** Threads that decide on one memory at the same time: how many decisions they make, and how long single ones take. */
import { sharedMemoryStore } from 'headgate/shared-memory'
import type { DecidingParams, DecidingShare } from '../apps/deciding-thread.ts'
import { sharesOf } from '../harness/latencies.ts'
import { readParams, reportAll } from '../harness/subject.ts'
import { runTogether, type Together } from '../harness/threads.ts'

/** What this subject is told. */
export interface ThreadsLatencyParams extends Pick<DecidingParams, 'keys' | 'algorithm' | 'limit'> {
  readonly threads: number
}

const { threads, warmMs, measureMs, ...what } = readParams<ThreadsLatencyParams>()
const script = new URL('../apps/deciding-thread.ts', import.meta.url)

const { shares, cpuSeconds } = await decide(false)
const timed = await decide(true)
const calls = shares.reduce((sum, share) => sum + share.calls, 0)
reportAll({
  'ops/s': shares.reduce((sum, share) => sum + (share.calls / share.ms) * 1000, 0),
  'decisions/core-second': calls / cpuSeconds,
  ...sharesOf(timed.shares.flatMap(({ timesUs }) => [...timesUs].map((us) => us / 1000))),
})

function decide(isTimed: boolean): Promise<Together<DecidingShare>> {
  const { memory } = sharedMemoryStore()
  const params: DecidingParams = { ...what, place: 'shared-memory', memory, isTimed }
  return runTogether<DecidingShare, DecidingParams>({ script, threads, params }, { warmMs, measureMs })
}
