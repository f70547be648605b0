import type { Clock } from 'headgate'
import type { UpstreamSettings } from '../../service/proxy-settings/upstream-settings.ts'
import { chooseTarget } from './choose-target.ts'
import { Deadlines } from './deadlines.ts'
import type { ExchangeContext } from './exchange-context.ts'
import type { UpstreamGroup } from './forwarding.ts'
import { RetryBudget } from './retry-budget.ts'
import { type HealthChange, Target, type TargetOptions } from './target.ts'
import { Tunnel } from './tunnel.ts'
import { UpstreamExchange } from './upstream-exchange.ts'

/** What `Upstreams` are made of. */
export interface UpstreamsOptions {
  readonly clock: Clock
  /** A target gets requests again, or none for a while. */
  readonly onEvent: (change: HealthChange) => void
}

/** A target as metrics and health show it. */
export interface TargetState {
  /** Its URL without credentials. */
  readonly target: string
  readonly isHealthy: boolean
  /** Requests that wait, are on their way or have become tunnels. */
  readonly inFlight: number
}

/**
 * All servers behind the proxy in this thread. They outlive configurations: a target that stays as it is keeps its connections and its
 * health.
 */
export class Upstreams {
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  readonly #onEvent: (change: HealthChange) => void
  /** Those in force, by what they are made of. */
  #targets = new Map<string, Target>()
  /** Those that are not, with requests of earlier configurations. */
  #retired: Target[] = []

  constructor({ clock, onEvent }: UpstreamsOptions) {
    this.#clock = clock
    this.#deadlines = new Deadlines(clock)
    this.#onEvent = onEvent
  }

  /**
   * Groups for the upstreams of a configuration, in the same order; they are what is in force from now on. Those of an earlier one
   * still work, for requests that began under it; connections of targets that are in none close once they are unused.
   */
  use(settings: readonly UpstreamSettings[]): readonly UpstreamGroup[] {
    const before = this.#targets
    this.#targets = new Map()
    const groups = settings.map((one) => this.#group(one, before))
    for (const [key, target] of before) if (!this.#targets.has(key)) this.#retired.push(target)
    for (const target of this.#retired) target.retire()
    this.#retired = this.#retired.filter((target) => target.inFlight > 0)
    for (const target of this.#targets.values()) target.health.start()
    return groups
  }

  /** Targets in force. */
  states(): readonly TargetState[] {
    return [...this.#targets.values()].map(({ place, health, inFlight }) => {
      return { target: place.label, isHealthy: health.isHealthy, inFlight }
    })
  }

  /** Ends all connections, and with them what is still on its way: let that end before. */
  close(): void {
    for (const target of [...this.#targets.values(), ...this.#retired]) target.destroy()
    this.#targets.clear()
    this.#retired = []
  }

  #group(settings: UpstreamSettings, before: ReadonlyMap<string, Target>): UpstreamGroup {
    const { timeouts, host, retries, ca, connectionsMax, health } = settings
    const targets = settings.targets.map((url) =>
      this.#target({ url, ca, connectMs: timeouts.connectMs, connectionsMax, health }, before),
    )
    const budget = new RetryBudget(this.#clock)
    let turn = 0
    const context: ExchangeContext = {
      deadlines: this.#deadlines,
      timeouts,
      host,
      pick(failed) {
        if (failed === null) budget.earn()
        if (targets.length === 1) return targets[0] as Target
        turn = (turn + 1) % targets.length
        return chooseTarget(targets, turn, failed)
      },
      mayRetry: (attempts) => attempts <= retries && budget.take(),
    }
    return {
      forward: (request, receiver) => new UpstreamExchange(context, request, receiver),
      tunnel: (ends) => new Tunnel({ ...ends, deadlines: this.#deadlines, idleMs: timeouts.idleMs }),
    }
  }

  #target(options: TargetOptions, before: ReadonlyMap<string, Target>): Target {
    const key = JSON.stringify(options)
    const target =
      this.#targets.get(key) ?? before.get(key) ?? new Target(options, this.#clock, this.#onEvent)
    this.#targets.set(key, target)
    return target
  }
}
