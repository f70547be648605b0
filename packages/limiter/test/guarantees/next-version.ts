/** What a version after this one may write: all that record 0014 lets it append, in place of what was just written. */
import type { Redis } from 'ioredis'

const NUMBER_BYTES = 8
/** How many numbers a rule has in this version; those of a log are counted by the first of them. */
const WORDS: Readonly<Record<string, (terms: readonly string[]) => number>> = {
  bucket: () => 2,
  'first-hit': () => 3,
  epoch: () => 3,
  calendar: () => 3,
  'sliding-window': ([, , segments]) => Number(segments) + 2,
}

/** Rewrites the value of a key, if there is one, and leaves it its lifetime; answers whether there is. */
export async function rewriteAsNext(client: Redis, key: string): Promise<boolean> {
  const value = await client.getBuffer(key)
  if (value !== null) await client.set(key, asNext(value), 'KEEPTTL')
  return value !== null
}

/** A rule of an algorithm that only later versions know; older ones keep it as it is. */
export const UNKNOWN = 'next quota 2 9 8 7 6 5 per moon ;phase=new\n'

/** Another header, words more on every line, a number more in every rule, one rule more, and something at the end. */
function asNext(value: Buffer): Buffer {
  const text = value.toString('latin1')
  const end = text.indexOf('\n\n') + 2
  const lines = text.slice(0, end).trimEnd().split('\n').slice(1)
  let at = end
  const parts: Buffer[] = []
  const written = lines.map((line) => {
    if (line === UNKNOWN.trimEnd()) {
      parts.push(value.subarray(at, at + 2 * NUMBER_BYTES))
      at += 2 * NUMBER_BYTES
      return line
    }
    const [name = '', kind = '', words = '', ...terms] = line.replace(/ ;.*/, '').split(' ')
    const count = words === '0' ? value.readDoubleLE(at) + 1 : Number(words)
    const numbers = value.subarray(at, at + count * NUMBER_BYTES)
    at += numbers.length
    const isPlain = WORDS[kind]?.(terms) === count
    parts.push(numbers, ...(isPlain ? [doubleOf(4_242_424_242)] : []))
    return [name, kind, isPlain ? count + 1 : words, ...terms, ';region=eu', '12 ;x'].join(' ')
  })
  if (!text.includes(UNKNOWN)) {
    written.push(UNKNOWN.trimEnd())
    parts.push(doubleOf(1), doubleOf(2))
  }
  const plan = Buffer.from(`H2\n${written.join('\n')}\n\n`, 'latin1')
  return Buffer.concat([plan, ...parts, Buffer.from([0xff, 0, 10, 10, 72])])
}

function doubleOf(number: number): Buffer {
  const bytes = Buffer.alloc(NUMBER_BYTES)
  bytes.writeDoubleLE(number)
  return bytes
}
