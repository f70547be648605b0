/** RFC 7541: blocks that cannot be read end the connection (RFC 9113, section 4.3), as nobody knows the table behind them. */
import {
  block,
  END_HEADERS,
  type Field,
  headers,
  integer,
  keptBlock,
  octets,
  post,
  request,
} from './octets.ts'
import type { Probe } from './probe.ts'

const BROKEN = 'GOAWAY COMPRESSION_ERROR'
/** What the server's table holds, at most: what a client has to be told otherwise. */
const TABLE_BYTES = 4096
/** A field that the table takes, and that field by its index. */
const kept = keptBlock(['x', 'y'])
const first = octets('be')
/** More than a list may hold, of which each counts 32 octets beside its own. */
const MANY: readonly Field[] = Array.from({ length: 500 }, () => ['a', 'b'])

/** A request with these octets behind its fields. */
function behind(given: string): Buffer[] {
  return [headers(1, join(request(), octets(given)))]
}

/** And before them. */
function before(given: string | Buffer): Buffer[] {
  return [headers(1, join(octets(given), request()))]
}

// biome-ignore format: one line a case
const indices: readonly Probe[] = [
  ['2.3.3', 'there is no field 0', behind('80'), BROKEN],
  ['2.3.3', 'nor one behind the static table, at first', behind('be'), BROKEN],
  ['2.3.3', 'nor a name there', behind('7e 01 61'), BROKEN],
  ['2.3.3', 'nor one that no table keeps', behind('0f 2f 01 61'), BROKEN],
  ['2.3.3', 'the last field of the static table is one', behind('bd'), '200 on 1'],
  ['4.4', 'what was evicted is none', [headers(1, join(request(), kept)), headers(3, join(size(0), size(TABLE_BYTES), request(), first))], `200 on 1, ${BROKEN}`],
]

// biome-ignore format: one line a case
const integers: readonly Probe[] = [
  ['5.1', 'an index has an end', behind('ff'), BROKEN],
  ['5.1', 'and is no number beyond reason', behind('ff 80 80 80 80 80 80 80 80 80 80 01'), BROKEN],
  ['5.1', 'nor one that wraps', behind('ff ff ff ff ff ff ff ff ff ff ff 7f'), BROKEN],
  ['5.1', 'so has a size', [headers(1, '3f')], BROKEN],
]

// biome-ignore format: one line a case
const strings: readonly Probe[] = [
  ['5.2', 'a name is as long as it says', behind('00 05 61'), BROKEN],
  ['5.2', 'a value is, too', behind('00 01 61 05 61'), BROKEN],
  ['5.2', 'a value follows', behind('00 01 61'), BROKEN],
  ['5.2', 'a name follows', behind('00'), BROKEN],
  ['5.2', 'a length has an end', behind('00 7f'), BROKEN],
  ['5.2', 'and is no number beyond reason', behind('00 7f ff ff ff ff ff ff ff 7f'), BROKEN],
  ['5.2', 'a code of Huffman is padded by ones', behind('00 81 18 01 61'), BROKEN],
  ['5.2', 'by less than an octet of them', behind('00 82 1f ff 01 61'), BROKEN],
  ['5.2', 'and has no end of its own', behind('00 01 61 84 ff ff ff ff'), BROKEN],
  ['5.2', 'padded so it is read', behind('00 81 1f 81 1f'), '200 on 1'],
]

// biome-ignore format: one line a case
const sizes: readonly Probe[] = [
  ['4.2', 'the table does not grow beyond what was announced', before(size(TABLE_BYTES + 1)), BROKEN],
  ['4.2', 'it may be as large', before(size(TABLE_BYTES)), '200 on 1'],
  ['4.2', 'its size changes before all fields', [headers(1, join(request(), size(0)))], BROKEN],
  ['4.2', 'twice too', before(join(size(0), size(TABLE_BYTES))), '200 on 1'],
  ['4.2', 'some clients do it more often', before(join(size(0), size(9), size(TABLE_BYTES))), '200 on 1'],
  ['4.4', 'a field larger than the table empties it', [headers(1, join(request(), kept)), headers(3, join(request(), keptBlock(['z', 'y'.repeat(TABLE_BYTES)]), first))], `200 on 1, ${BROKEN}`],
]

/** The table has to take what is in blocks of requests that come to nothing. */
const next = headers(3, join(request(), first))
// biome-ignore format: one line a case
const state: readonly Probe[] = [
  ['2.2', 'what one request keeps is there for the next', [headers(1, join(request(), kept)), next], '200 on 1, 200 on 3'],
  ['2.2', 'though the first was malformed', [headers(1, join(kept, request())), next], 'RST_STREAM 1 PROTOCOL_ERROR, 200 on 3'],
  ['2.2', 'though it was none', [headers(1, kept), next], 'RST_STREAM 1 PROTOCOL_ERROR, 200 on 3'],
  ['2.2', 'though it was too large', [headers(1, join(request(), block(...MANY), kept)), next], '431 on 1, 200 on 3'],
  ['2.2', 'though its stream was there already', [headers(1, post(), END_HEADERS), headers(1, kept, END_HEADERS), next], 'RST_STREAM 1 PROTOCOL_ERROR, 200 on 3'],
]

function join(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat(parts)
}

function size(bytes: number): Buffer {
  const written = integer(bytes, 5)
  written[0] = (written[0] as number) | 0x20
  return written
}

export const hpackProbes: readonly Probe[] = [...indices, ...integers, ...strings, ...sizes, ...state]
