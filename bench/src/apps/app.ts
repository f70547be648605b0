/** What the applications of all frameworks have in common. */
import type { AddressInfo } from 'node:net'

/** What an application is told. */
export interface AppParams {
  /**
   * What stands before its one route: nothing; middleware that does nothing; header fields as Headgate's, set by hand;
   * Headgate with and without its fields; or the limiter that its users know.
   */
  readonly before:
    | 'nothing'
    | 'empty middleware'
    | 'fields by hand'
    | 'headgate'
    | 'headgate without fields'
    | 'peer'
  /** What is counted: addresses of clients as each limiter reads them by default, or the field `x-user`. */
  readonly key: 'address' | 'user'
  /** Requests an hour. */
  readonly limit: number
  /** Where the counts are; in memory when absent. */
  readonly redisPort?: number
}

/** What every request is answered with. */
export const ANSWER = { hello: 'world' }
export const HOUR_MS = 3_600_000

export const params = JSON.parse(process.argv[2] ?? '{}') as AppParams
let remaining = params.limit

/** The fields that Headgate sets on an admitted request, with a number that changes as often. */
export function fieldsByHand(): { readonly policy: string; readonly state: string } {
  return { policy: `"default/1h";q=${params.limit};w=3600`, state: `"default/1h";r=${--remaining};t=3600` }
}

/** Says where it listens, and when asked, how long it has used a core; ends with who has started it. */
export function announce(address: AddressInfo | string | null): void {
  if (address === null || typeof address === 'string') throw new TypeError('an application listens on a port')
  process.on('message', () => process.send?.(process.cpuUsage())).on('disconnect', () => process.exit())
  console.log(JSON.stringify({ url: `http://127.0.0.1:${address.port}` }))
}
