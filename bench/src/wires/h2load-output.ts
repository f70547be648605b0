/** What `h2load` says. */

/** What it counted. */
export interface Figures {
  readonly requests: number
  readonly perSecond: number
  /** Of bodies. */
  readonly bytes: number
}

/** Reads its closing lines; an answer that is no 2xx, or none at all, is an error. */
export function figuresOf(said: string): Figures {
  const perSecond = Number(/^finished in .*?, ([\d.]+) req\/s/m.exec(said)?.[1])
  const [, good, ...others] = /^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/m.exec(said) ?? []
  const [, failed, errored, late] = /(\d+) failed, (\d+) errored, (\d+) timeout/.exec(said) ?? []
  const bytes = Number(/\((\d+)\) data$/m.exec(said)?.[1])
  const requests = Number(good)
  const isWhole = [...others, failed, errored, late].every((count) => count === '0')
  if (!isWhole || !(requests > 0) || !(perSecond > 0) || Number.isNaN(bytes)) {
    throw new Error(`h2load was not answered as it should be: ${said}`)
  }
  return { requests, perSecond, bytes }
}

/** Milliseconds that requests took, from lines of its log: when one began, its status, and its microseconds. */
export function timesOf(log: string): number[] {
  return log
    .trim()
    .split('\n')
    .map((line) => {
      const [, status, time] = line.split('\t')
      if (status === undefined || !/^2\d\d$/.test(status)) throw new Error(`h2load was answered: ${line}`)
      return Number(time) / 1000
    })
}
