import type { Random } from '../../../limiter/test/parity/random.ts'

const PIECES = [
  '*',
  '$',
  '\r\n',
  '\n',
  '\r',
  '*1\r\n',
  '*-1\r\n',
  '$-1\r\n',
  '*0\r\n',
  '$0\r\n\r\n',
  '$65537\r\n',
  '*257\r\n',
  '99999999999999999999',
  '+OK\r\n',
  '\0',
  '\x80',
  '\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01',
  '\x08\x96\x01',
  ' ',
  'PING\r\n',
  'x'.repeat(300),
].map((text) => Buffer.from(text, 'latin1'))

/** Bytes with some taken, changed, doubled or put in. */
export function garbledBytes(bytes: Buffer, random: Random): Buffer {
  let result = bytes
  for (let changes = random.between(1, 3); changes > 0; changes--) {
    const at = random.below(result.length + 1)
    const to = Math.min(result.length, at + random.below(12))
    const [before, behind] = [result.subarray(0, at), result.subarray(to)]
    const kind = random.below(5)
    if (kind === 0) result = Buffer.concat([before, behind])
    else if (kind === 1) result = Buffer.concat([before, random.pick(PIECES), result.subarray(at)])
    else if (kind === 2) result = Buffer.concat([before, result.subarray(at, to), result.subarray(at)])
    else if (kind === 3) result = Buffer.from(before)
    else if (at < result.length) {
      result = Buffer.from(result)
      result[at] = (result[at] as number) ^ (1 << random.below(8))
    }
  }
  return result
}
