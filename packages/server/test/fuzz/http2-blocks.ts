/** Fields and settings of scripts, right ones and others. */
import type { Random } from '../../../limiter/test/parity/random.ts'
import { block, type Field, keptBlock, octets, type Setting } from '../http2/octets.ts'

const FIELDS: readonly Field[] = [
  ['x', 'y'],
  ['x', 'z'],
  ['te', 'trailers'],
  ['cookie', 'a=b'],
  ['long', 'z'.repeat(3000)],
]
const ODD_FIELDS: readonly Field[] = [
  ['content-length', '0'],
  ['content-length', '3'],
  ['connection', 'close'],
  ['X', 'y'],
  ['x', 'é\n'],
  [':path', '/'],
  ['expect', '100-continue'],
  ['longer', 'z'.repeat(9000)],
]
/** Blocks whose fields are of a table that may not have them, changes of its size, and no blocks at all. */
const CODES = ['be', 'bf c0', '20', '3f e2 1f', '80', 'ff 80 80 01', '00 81 1f 81 1f', '00 05 61', '7e 01 61']
const SIZES = [0, 100, 4096, 16_384, 65_535, 100_000] as const
const VALUES = [0, 1, 2 ** 24 - 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1] as const

/** Fields behind those of a request: with some odd ones the request is malformed, and no more than that. */
export function someBlock(random: Random): Buffer {
  const parts = Array.from({ length: random.below(3) }, () => {
    const field = random.percent(95) ? random.pick(FIELDS) : random.pick(ODD_FIELDS)
    return random.percent(50) ? block(field) : keptBlock(field)
  })
  return Buffer.concat(parts)
}

export function brokenBlock(random: Random): Buffer {
  return octets(random.pick(CODES))
}

/** Those that every client may say. Identifiers from 10 on nobody knows. */
export function someSettings(random: Random): Setting[] {
  return Array.from({ length: random.below(3) }, () => {
    const id = random.pick([1, 3, 4, 4, 4, 6, 10])
    return [id, random.pick(SIZES)] as const
  })
}

export function oddSettings(random: Random): Setting[] {
  return Array.from({ length: random.between(1, 3) }, () => [random.below(9), random.pick(VALUES)] as const)
}
