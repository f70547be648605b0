/** Blocks of header fields, nearly right: as clients send them, again and again, and changed. */
import assert from 'node:assert/strict'
import type { Random } from '../../../limiter/test/parity/random.ts'
import { HpackDecoder } from '../../src/http2/hpack/hpack-decoder.ts'
import { encodedBytesMax, HpackEncoder } from '../../src/http2/hpack/hpack-encoder.ts'
import { HpackError } from '../../src/http2/hpack/hpack-error.ts'
import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'
import { AnyBlocks } from '../http2/any-blocks.ts'
import { ModelDecoder } from '../http2/hpack-model.ts'
import { HpackPair } from '../http2/hpack-pair.ts'
import type { Target } from './target.ts'

const BLOCKS_MAX = 16
const TABLE_SIZES = [0, 33, 40, 100, 300, 4096, 4096, 4096] as const
const LIST_SIZES = [40, 100, 300, 16_384] as const
const LIST_BYTES_MAX = 16_384

export const hpackTarget: Target = {
  name: 'hpack',
  open: async () => {
    // It sees the blocks of all clients: what it keeps has to stay within bounds.
    const decoder = new HpackDecoder({
      tableBytesMax: 4096,
      listBytesMax: LIST_BYTES_MAX,
      interpret: readBack,
      tooLarge: undefined,
    })
    return {
      once(random) {
        for (const block of exchange(random)) hpackErrorsOnly(() => decoder.decode(block, 0, block.length))
      },
      close: () => {},
    }
  },
}

/** One client and its blocks, up to the first that is malformed: the decoder and its model agree about each of them. */
function exchange(random: Random): readonly Buffer[] {
  const tableBytesMax = random.pick(TABLE_SIZES)
  const pair = new HpackPair({ tableBytesMax, listBytesMax: random.pick(LIST_SIZES) })
  const blocks = new AnyBlocks(random, { tableBytesMax, garbledPercent: 15 })
  const sent: Buffer[] = []
  for (let left = random.between(1, BLOCKS_MAX); left > 0 && !pair.hasFailed; left--) {
    const block = random.percent(2) ? anyOctets(random) : blocks.next()
    pair.decode(block)
    sent.push(block)
  }
  return sent
}

/** What was decoded is the same after it was encoded. */
function readBack(fields: readonly HeaderField[]): void {
  const into = Buffer.alloc(encodedBytesMax(fields))
  const encoder = new HpackEncoder()
  const model = new ModelDecoder(4096)
  const bytes = fields.reduce((sum, { name, value }) => sum + name.length + value.length + 32, 0)
  assert.ok(bytes <= LIST_BYTES_MAX, `${bytes}`)
  for (let i = 0; i < 2; i++)
    assert.deepEqual(model.decode(into.subarray(0, encoder.encode(fields, into, 0))), fields)
}

function anyOctets(random: Random): Buffer {
  return Buffer.from(Array.from({ length: random.below(40) }, () => random.below(256)))
}

function hpackErrorsOnly(run: () => void): void {
  try {
    run()
  } catch (reason) {
    if (!(reason instanceof HpackError)) throw reason
  }
}
