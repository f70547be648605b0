/** The Huffman code of RFC 7541, appendix B. Its codes are canonical: how long each one is tells what it is. */
import { HpackError } from './hpack-error.ts'

const LENGTHS =
  'dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca' +
  'd67777777777777777777777878djde6f56565666577666567655677777fbeds' +
  'kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn' +
  'qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq' +
  'u'
/** The lengths in bits of the codes of all octets and of EOS. */
export const HUFFMAN_LENGTHS: readonly number[] = Array.from(LENGTHS, (digit) => Number.parseInt(digit, 36))
const EOS = 256
/** Padding is shorter than an octet (section 5.2). */
const PADDING_BITS_MAX = 7
const SHORTEST = 5

/** A step: the state to go to in its lowest bits, whether a symbol is whole above them, and which. */
const STATE = 0x1ff
const EMITS_SHIFT = 9
const SYMBOL_SHIFT = 16
/** The state that codes lead to which there are not: those that contain EOS. It is never left. */
const LOST = 256

const CHILDREN: Int16Array = growTree()
/** By state and the next four bits. No code is shorter than four bits, so that a step ends one symbol at most. */
const STEPS: Int32Array = listSteps()
/** Where a string may end: between two codes, or in padding, which is the beginning of EOS. */
const ENDS: ReadonlySet<number> = listEnds()

/** Used again by each string. */
let scratch: Buffer = Buffer.allocUnsafe(1024)

/** The string of a Huffman code, as latin1 text. Throws {@link HpackError}. */
export function decodeHuffman(octets: Buffer, start: number, end: number): string {
  const room = Math.floor(((end - start) * 8) / SHORTEST) + 1
  if (scratch.length < room) scratch = Buffer.allocUnsafe(2 * room)
  const text = scratch
  let length = 0
  let state = 0
  for (let at = start; at < end; at++) {
    const octet = octets[at] as number
    // What is written counts only where a symbol is whole: without a branch this takes half of the time.
    const high = STEPS[(state << 4) | (octet >> 4)] as number
    text[length] = high >> SYMBOL_SHIFT
    length += (high >> EMITS_SHIFT) & 1
    const low = STEPS[((high & STATE) << 4) | (octet & 15)] as number
    text[length] = low >> SYMBOL_SHIFT
    length += (low >> EMITS_SHIFT) & 1
    state = low & STATE
  }
  if (!ENDS.has(state)) throw new HpackError('A string is no Huffman code, or its padding is wrong')
  return text.toString('latin1', 0, length)
}

/** For each state what a bit of 0 and a bit of 1 lead to: another state, or the complement of a symbol. The first state is the root. */
function growTree(): Int16Array {
  const children = new Int16Array(2 * EOS)
  const codes = HUFFMAN_LENGTHS.map((length, symbol) => ({ length, symbol }))
  codes.sort((one, other) => one.length - other.length || one.symbol - other.symbol)
  let states = 1
  let code = 0
  let last = 0
  for (const { length, symbol } of codes) {
    code <<= length - last
    last = length
    let state = 0
    for (let bit = length - 1; bit > 0; bit--) {
      const branch = 2 * state + ((code >> bit) & 1)
      if (children[branch] === 0) children[branch] = states++
      state = children[branch] as number
    }
    children[2 * state + (code & 1)] = ~symbol
    code += 1
  }
  return children
}

function listSteps(): Int32Array {
  const steps = new Int32Array((LOST + 1) * 16).fill(LOST)
  for (let state = 0; state < LOST; state++) {
    for (let bits = 0; bits < 16; bits++) steps[(state << 4) | bits] = stepOf(state, bits)
  }
  return steps
}

function stepOf(from: number, bits: number): number {
  let state = from
  let emitted = 0
  for (let bit = 3; bit >= 0; bit--) {
    const next = CHILDREN[2 * state + ((bits >> bit) & 1)] as number
    if (next === ~EOS) return LOST
    if (next < 0) emitted = (~next << SYMBOL_SHIFT) | (1 << EMITS_SHIFT)
    state = Math.max(next, 0)
  }
  return emitted | state
}

function listEnds(): Set<number> {
  const ends = new Set([0])
  let state = 0
  for (let bit = 0; bit < PADDING_BITS_MAX; bit++) {
    state = CHILDREN[2 * state + 1] as number
    ends.add(state)
  }
  return ends
}
