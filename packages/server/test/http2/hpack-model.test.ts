/** The decoder with its ring and its memory of blocks against one that is written down as plainly as the RFC has it. */
import { describe, expect, it } from 'vitest'
import { randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { AnyBlocks } from './any-blocks.ts'
import { HpackPair } from './hpack-pair.ts'

const CLIENTS = 600

describe('the decoder', () => {
  it('answers as one without a ring and a memory, whatever blocks a client sends', () => {
    const random = randomOf(seedOfRun('blocks of header fields', 1))
    let remembered = 0
    let refused = 0
    for (let client = 0; client < CLIENTS; client++) {
      const tableBytesMax = random.pick([0, 40, 100, 300, 4096])
      const listBytesMax = random.pick([100, 300, 65_536])
      const blocks = new AnyBlocks(random, { tableBytesMax, garbledPercent: 5 })
      const pair = new HpackPair({ tableBytesMax, listBytesMax })
      for (let i = 0; i < 30 && !pair.hasFailed; i++) pair.decode(blocks.next())
      remembered += pair.remembered
      refused += pair.hasFailed ? 1 : 0
    }
    // Else this would show nothing.
    expect(remembered).toBeGreaterThan(CLIENTS)
    expect(refused).toBeGreaterThan(CLIENTS / 10)
    expect(refused).toBeLessThan((CLIENTS * 9) / 10)
  })
})
