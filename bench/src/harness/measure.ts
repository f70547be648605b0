import { median } from './median.ts'
import type { Effort } from './suite.ts'

/** Calls between two looks at the clock. */
const BLOCK = 100_000

/** Makes the calls of positions `from` to `to` of the sequence; returns how many ended as expected. */
type Block = (from: number, to: number) => number | Promise<number>

/** Makes what the calls of a block need, outside of its time. */
type Prepare = (from: number, to: number) => void

/** Nanoseconds a call: the median block, after a warm-up with the same work. */
export async function nsPerCall(
  block: Block,
  { warmMs, measureMs }: Effort,
  prepare: Prepare = () => {},
): Promise<number> {
  const warm = await timeBlocks(block, 0, warmMs, prepare)
  return median(await timeBlocks(block, warm.length * BLOCK, measureMs, prepare))
}

async function timeBlocks(block: Block, first: number, ms: number, prepare: Prepare): Promise<number[]> {
  const times: number[] = []
  const end = performance.now() + ms
  for (let from = first; times.length === 0 || performance.now() < end; from += BLOCK) {
    prepare(from, from + BLOCK)
    const start = process.hrtime.bigint()
    const asExpected = await block(from, from + BLOCK)
    times.push(Number(process.hrtime.bigint() - start) / BLOCK)
    // A figure of other work would be worthless.
    if (asExpected !== BLOCK) throw new Error(`${BLOCK - asExpected} of ${BLOCK} calls ended otherwise`)
  }
  return times
}
