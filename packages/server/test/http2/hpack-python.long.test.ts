/** HPACK against the package `hpack` of Python: it sends all sizes of its table that there were, and fields of any octets. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pythonHpack } from '../../../../scripts/ensure-python-hpack.ts'
import { type Random, randomOf, seedOfRun } from '../../../limiter/test/parity/random.ts'
import { HpackDecoder } from '../../src/http2/hpack/hpack-decoder.ts'
import { encodedBytesMax, HpackEncoder } from '../../src/http2/hpack/hpack-encoder.ts'
import type { HeaderField } from '../../src/http2/hpack/hpack-field.ts'
import { STATIC_FIELDS } from '../../src/http2/hpack/static-table.ts'

type Fields = readonly HeaderField[]
/** A field as it goes to Python: name, value, whether it is a secret. */
type Triple = readonly [string, string, boolean]

const CONNECTIONS = 300
const BLOCKS = 40
const PROGRAM = join(import.meta.dirname, 'python-hpack.py')
const NAMES = ['grpc-status', 'grpc-timeout', 'x', 'y', 'z'.repeat(200)]
const VALUES = ['', 'a', 'b', '0', '200', 'application/grpc']

const site = pythonHpack()
describe.skipIf(site === null)(`python-hpack${site === null ? ' (SKIPPED: not installed)' : ''}`, () => {
  it(`encodes ${CONNECTIONS * BLOCKS} blocks, and they are decoded as it meant them`, () => {
    const random = randomOf(seedOfRun('blocks of python-hpack', 1))
    const lists = Array.from({ length: CONNECTIONS * BLOCKS }, () => fieldsOf(random))
    const blocks = python(
      lists.map((fields, nth) => ({
        begins: nth % BLOCKS === 0,
        fields: fields.map(tripleOf),
        huffman: random.percent(50),
        sizes: sizesOf(random),
      })),
    )
    let decoder = newDecoder()
    for (const [nth, fields] of lists.entries()) {
      if (nth % BLOCKS === 0) decoder = newDecoder()
      const block = Buffer.from(blocks[nth] as string, 'hex')
      assert.deepEqual(
        decoder.decode(block, 0, block.length),
        fields,
        `block ${nth}: ${block.toString('hex')}`,
      )
    }
  })

  it(`decodes ${CONNECTIONS * BLOCKS} blocks as they were meant`, () => {
    const random = randomOf(seedOfRun('blocks for python-hpack', 2))
    const lists = Array.from({ length: CONNECTIONS * BLOCKS }, () => fieldsOf(random))
    let encoder = new HpackEncoder()
    const steps = lists.map((fields, nth) => {
      if (nth % BLOCKS === 0) encoder = new HpackEncoder()
      const sizes = sizesOf(random)
      for (const size of sizes) encoder.setTableBytesMax(size)
      const into = Buffer.alloc(encodedBytesMax(fields))
      const block = into.toString('hex', 0, encoder.encode(fields, into, 0))
      return { begins: nth % BLOCKS === 0, block, sizes }
    })
    const decoded = python(steps)
    for (const [nth, fields] of lists.entries())
      assert.deepEqual(decoded[nth], fields.map(tripleOf), `block ${nth}`)
  })
})

function python(steps: readonly object[]): readonly unknown[] {
  const { stdout, stderr } = spawnSync('python3', [PROGRAM], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH: String(site) },
    input: steps.map((step) => `${JSON.stringify(step)}\n`).join(''),
    maxBuffer: 2 ** 28,
  })
  expect(stderr).toBe('')
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
}

function newDecoder(): HpackDecoder<Fields> {
  const interpret = (fields: Fields): Fields => fields
  return new HpackDecoder({ tableBytesMax: 4096, listBytesMax: 65_536, interpret, tooLarge: [] })
}

/** Sizes of the table that are announced before a block. Not one twice in a row: python-hpack then forgets to tell of it. */
function sizesOf(random: Random): readonly number[] {
  const length = random.percent(15) ? random.between(1, 4) : 0
  const sizes = Array.from({ length }, () => random.pick([0, 50, 200, 1000, 4095, 4096]))
  return sizes.filter((size, i) => size !== sizes[i - 1])
}

function fieldsOf(random: Random): Fields {
  return Array.from({ length: random.below(8) }, () => {
    const { name } = random.percent(60) ? random.pick(STATIC_FIELDS.slice(1)) : { name: random.pick(NAMES) }
    // A secret that is in its table by another field python-hpack takes from there.
    if (random.percent(10)) return { name, value: `secret ${anyOctets(random)}`, isNeverIndexed: true }
    return { name, value: random.percent(60) ? random.pick(VALUES) : anyOctets(random) }
  })
}

function anyOctets(random: Random): string {
  const length = random.percent(95) ? random.below(30) : random.below(1000)
  return String.fromCharCode(...Array.from({ length }, () => random.below(256)))
}

function tripleOf({ name, value, isNeverIndexed }: HeaderField): Triple {
  return [name, value, isNeverIndexed === true]
}
