import type { Clock } from 'headgate'
import type { buildConnector } from 'undici'
import type { HealthSettings } from '../../service/proxy-settings/upstream-settings.ts'
import { connectorOf, placeOf, type TargetPlace } from './connect-target.ts'
import { TargetHealth } from './target-health.ts'
import { UpstreamConnection } from './upstream-connection.ts'

/** What a target is made of. */
export interface TargetOptions {
  /** As settings have it. */
  readonly url: string
  readonly ca: string | null
  readonly connectMs: number
  readonly connectionsMax: number
  readonly health: HealthSettings
}

/** A request that needs a connection. */
export interface Waiter {
  /** Called once, within `connect` or later. */
  onConnection(connection: UpstreamConnection): void
  /** There will be none. */
  onRefused(): void
}

/** A health that changed. */
export interface HealthChange {
  readonly target: string
  readonly isHealthy: boolean
  readonly why: string
}

/** One server: its connections, who waits for one, and whether it is healthy. */
export class Target {
  readonly place: TargetPlace
  readonly health: TargetHealth
  /** Requests that wait, are on their way or have become tunnels. */
  inFlight = 0
  readonly #options: TargetOptions
  readonly #connect: buildConnector.connector
  /** Unused ones; the last one used is used next, so that those that are too many close. */
  readonly #free: UpstreamConnection[] = []
  readonly #all = new Set<UpstreamConnection>()
  readonly #waiting: Waiter[] = []
  #isRetired = false
  #isDestroyed = false

  constructor(options: TargetOptions, clock: Clock, onHealth: (change: HealthChange) => void) {
    this.#options = options
    this.place = placeOf(options.url)
    this.#connect = connectorOf(this.place, { clock, connectMs: options.connectMs, ca: options.ca })
    this.health = new TargetHealth({
      settings: options.health,
      clock,
      place: this.place,
      connect: this.#connect,
      onChange: (isHealthy, why) => onHealth({ target: this.place.label, isHealthy, why }),
    })
  }

  /** Gives a connection as soon as there is one; false where too many wait for one already. */
  connect(waiter: Waiter): boolean {
    if (this.#isDestroyed) return false
    const free = this.#free.pop()
    if (free !== undefined) waiter.onConnection(free)
    else if (this.#all.size < this.#options.connectionsMax) waiter.onConnection(this.#open())
    else if (this.#waiting.length < this.#options.connectionsMax) this.#waiting.push(waiter)
    else return false
    return true
  }

  /** As `connect`, but never gives one that was used before: an unused one is closed where there are too many. */
  connectAnew(waiter: Waiter): boolean {
    if (this.#isDestroyed) return false
    if (this.#all.size >= this.#options.connectionsMax) {
      const oldest = this.#free.shift()
      if (oldest === undefined) return this.connect(waiter)
      this.#forget(oldest)
    }
    waiter.onConnection(this.#open())
    return true
  }

  /** It waits no longer. */
  leave(waiter: Waiter): void {
    const at = this.#waiting.indexOf(waiter)
    if (at >= 0) this.#waiting.splice(at, 1)
  }

  /** Takes back a connection that can be used again. */
  release(connection: UpstreamConnection): void {
    const next = this.#waiting.shift()
    if (next !== undefined) next.onConnection(connection)
    else if (this.#isRetired) this.#forget(connection)
    else this.#free.push(connection)
  }

  /** Takes back a connection that cannot be used again. */
  discard(connection: UpstreamConnection): void {
    this.#forget(connection)
    const next = this.#waiting.shift()
    if (next !== undefined) next.onConnection(this.#open())
  }

  /** No configuration names it any more: connections are closed once unused, and nobody asks for its health. */
  retire(): void {
    this.#isRetired = true
    this.health.stop()
    for (const connection of this.#free.splice(0)) this.#forget(connection)
  }

  /** Ends all connections, and with them what is on its way; requests are refused from then on. */
  destroy(): void {
    this.#isDestroyed = true
    this.retire()
    for (const waiter of this.#waiting.splice(0)) waiter.onRefused()
    for (const connection of this.#all) this.#forget(connection)
  }

  #open(): UpstreamConnection {
    const connection = new UpstreamConnection(this.place, this.#connect, (closed) => this.#onClosed(closed))
    this.#all.add(connection)
    return connection
  }

  #onClosed(connection: UpstreamConnection): void {
    const at = this.#free.lastIndexOf(connection)
    if (at < 0) return
    this.#free.splice(at, 1)
    this.#forget(connection)
  }

  #forget(connection: UpstreamConnection): void {
    this.#all.delete(connection)
    connection.destroy()
  }
}
