const SEED = 0x9e3779b9
const SEQUENCE = 2 ** 20

/** `count` keys as flat strings, each read from bytes, so that no subject pays for joining them. */
export function makeKeys(count: number): string[] {
  return Array.from({ length: count }, (_, i) => flatKey(i))
}

const one = Buffer.from(keyText(0), 'latin1')

/** One key as a flat string. */
export function flatKey(i: number): string {
  for (let rest = i, p = one.length - 1; p >= 5; p--, rest = Math.floor(rest / 10)) one[p] = 48 + (rest % 10)
  return one.toString('latin1')
}

/** The texts that calls are made with, in the order of the calls. */
interface Feed {
  /** Those of the calls prepared last. */
  readonly texts: readonly string[]
  prepare(from: number, to: number): void
}

/** Where the texts of random keys come from. */
export const feeds = {
  /** Each is made just before its call, as a server reads it from a request: only the decision reaches into memory at random. */
  arriving: (count: number) => feedOf(count, flatKey),
  /** Each is one of those made beforehand: reading it costs its caller a way into memory that is none of the decision's. */
  kept(count: number): Feed {
    const keys = makeKeys(count)
    return feedOf(count, (i) => keys[i] as string)
  },
}

/** A name in {@link feeds}. */
export type FeedName = keyof typeof feeds

function feedOf(count: number, textOf: (i: number) => string): Feed {
  const sequence = makeSequence(count)
  const texts: string[] = []
  return {
    texts,
    prepare(from, to) {
      for (let i = from; i < to; i++) texts[i - from] = textOf(at(sequence, i))
    },
  }
}

/** The text of one key. */
export function keyText(i: number): string {
  return `user:${String(i).padStart(8, '0')}`
}

/** The same random sequence of key numbers in every process; {@link at} reads it round and round. */
export function makeSequence(keys: number): Uint32Array {
  const random = randomNumbers(SEED)
  return new Uint32Array(SEQUENCE).map(() => Math.floor(random() * keys))
}

/** Reads a sequence of {@link makeSequence} at any position. */
export function at(sequence: Uint32Array, i: number): number {
  return sequence[i & (SEQUENCE - 1)] as number
}

/** The same random numbers in [0, 1) in every process. */
export function randomNumbers(seed: number): () => number {
  let x = seed
  return () => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) / 2 ** 32
  }
}
