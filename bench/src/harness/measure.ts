import { median } from './median.ts'
import type { Effort } from './suite.ts'

/** Calls whose time makes one figure: so many that each has its share of garbage to collect. */
const BLOCK = 100_000
/** Calls between two looks at the clock, and prepared together: so few that what is prepared stays in a cache. */
const PART = 10_000

/** Makes the calls of positions `from` to `to` of the sequence; returns how many ended as expected. */
type Calls = (from: number, to: number) => number | Promise<number>

/** Makes what these calls need, outside of their time. */
type Prepare = (from: number, to: number) => void

/** Nanoseconds a call: the median block, after a warm-up with the same work. */
export async function nsPerCall(
  calls: Calls,
  { warmMs, measureMs }: Effort,
  prepare: Prepare = () => {},
): Promise<number> {
  const warm = await timeBlocks({ calls, prepare }, { first: 0, ms: warmMs })
  return median(await timeBlocks({ calls, prepare }, { first: warm.length * BLOCK, ms: measureMs }))
}

async function timeBlocks(
  { calls, prepare }: { readonly calls: Calls; readonly prepare: Prepare },
  { first, ms }: { readonly first: number; readonly ms: number },
): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + ms
  for (let from = first; times.length === 0 || performance.now() < end; from += BLOCK) {
    let ns = 0n
    for (let part = from; part < from + BLOCK; part += PART) ns += await timePart(calls, part, prepare)
    times.push(Number(ns) / BLOCK)
  }
  return times
}

async function timePart(calls: Calls, from: number, prepare: Prepare): Promise<bigint> {
  prepare(from, from + PART)
  const start = process.hrtime.bigint()
  const asExpected = await calls(from, from + PART)
  const ns = process.hrtime.bigint() - start
  // A figure of other work would be worthless.
  if (asExpected !== PART) throw new Error(`${PART - asExpected} of ${PART} calls ended otherwise`)
  return ns
}
