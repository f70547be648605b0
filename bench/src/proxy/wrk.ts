import { spawnSync } from 'node:child_process'

/** Who is asked by `wrk`. */
export interface WrkTarget {
  readonly url: string
  /** Header fields, as `name: value`. */
  readonly fields: readonly string[]
  readonly connections: number
}

/** What it made. */
export interface WrkRun {
  readonly requests: number
  readonly perSecond: number
}

/** Asks over all connections, each with one request at a time, for so many whole seconds; an answer that is no 2xx or 3xx fails the run. */
export function wrk({ url, fields, connections }: WrkTarget, seconds: number): WrkRun {
  const headers = fields.flatMap((field) => ['-H', field])
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, ...headers, url]
  const { status, stdout, stderr } = spawnSync('wrk', args, { encoding: 'utf8' })
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1])
  const perSecond = Number(/Requests\/sec: +([\d.]+)/.exec(stdout)?.[1])
  if (status !== 0 || !(requests > 0) || /Non-2xx|Socket errors/.test(stdout)) {
    throw new Error(`wrk ended with ${status}: ${stdout}${stderr}`)
  }
  return { requests, perSecond }
}
