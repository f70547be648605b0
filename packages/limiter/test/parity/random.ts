/** A fast seeded generator (sfc32 by Chris Doty-Humphrey, public domain), for traffic that can be replayed. */
export interface Random {
  /** A whole number from 0 to `count` - 1, also for counts beyond 2^32. */
  below(count: number): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  /** True in `percent` of 100 calls. */
  percent(percent: number): boolean
  pick<T>(list: readonly T[]): T
}

export function randomOf(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, (seed / 2 ** 32) | 0, 0x9e3779b9 | 0, 1]
  const next = (): number => {
    const result = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + result
    c |= 0
    return result >>> 0
  }
  for (let i = 0; i < 15; i++) next()
  const below = (count: number): number =>
    count <= 2 ** 32
      ? Math.floor((next() / 2 ** 32) * count)
      : Math.floor((((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53) * count)
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    percent: (percent) => below(100) < percent,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
  }
}

/** The seed of a run: of `HEADGATE_SEED`, else `usual` or a new one. It is printed, so that a failure can be run again. */
export function seedOfRun(name: string, usual: number = Math.floor(Math.random() * 2 ** 31)): number {
  const given = process.env['HEADGATE_SEED']
  const seed = given === undefined ? usual : Number(given)
  console.log(`${name}: seed ${seed} (HEADGATE_SEED=${seed} runs it again)`)
  return seed
}
