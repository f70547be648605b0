import type { Clock } from 'headgate'
import type { buildConnector } from 'undici'
import type { HealthSettings } from '../../service/proxy-settings/upstream-settings.ts'
import type { TargetPlace } from './connect-target.ts'
import { checkHealth } from './health-check.ts'

/** What is needed to judge a target. */
export interface TargetHealthOptions {
  readonly settings: HealthSettings
  readonly clock: Clock
  readonly place: TargetPlace
  readonly connect: buildConnector.connector
  readonly onChange: (isHealthy: boolean, why: string) => void
}

/**
 * Whether a target gets requests. It gets none after `failures` failures in a row, of requests or of checks. Failures of requests are
 * those to connect, to answer in time, and to answer at all; statuses do not count: an application may answer 503 for one resource,
 * and whoever knows it could take all targets away from everybody. It gets requests again after one check that passes, or, where
 * there are no checks, after `ejectionMs`; one more failure then ejects it again.
 */
export class TargetHealth {
  isHealthy = true
  /** Another one may have its name by the time that its last requests end, whose health is told by the same name. */
  #isOver = false
  readonly #options: TargetHealthOptions
  #failures = 0
  #isStarted = false
  #cancel: () => void = () => {}

  constructor(options: TargetHealthOptions) {
    this.#options = options
  }

  /** Begins to check it, where settings say how. */
  start(): void {
    if (this.#isStarted || this.#options.settings.path === null) return
    this.#isStarted = true
    this.#check()
  }

  /** Ends checks and waits, for good. */
  stop(): void {
    this.#isOver = true
    this.#cancel()
    this.#cancel = () => {}
    if (!this.isHealthy) this.#set(true, 'It is no longer watched.')
  }

  /** A request was answered. */
  succeeded(): void {
    if (this.isHealthy) this.#failures = 0
  }

  /** A request or a check failed; `why` is a sentence. */
  failed(why: string): void {
    if (this.#isOver) return
    const { settings, clock } = this.#options
    this.#failures++
    if (!this.isHealthy || this.#failures < settings.failures) return
    this.#set(false, why)
    if (settings.path === null) this.#cancel = clock.after(settings.ejectionMs, () => this.#tryAgain())
  }

  #tryAgain(): void {
    this.#failures = this.#options.settings.failures - 1
    this.#set(true, 'It is tried again.')
  }

  #check(): void {
    const { settings, clock, place, connect } = this.#options
    const path = settings.path ?? '/'
    const cancelCheck = checkHealth(
      { place, path, connect, clock, timeoutMs: settings.timeoutMs },
      (mistake) => {
        if (mistake !== null) this.failed(mistake)
        else {
          this.#failures = 0
          if (!this.isHealthy) this.#set(true, `It answers ${path}.`)
        }
        this.#cancel = clock.after(settings.intervalMs, () => this.#check())
      },
    )
    this.#cancel = cancelCheck
  }

  #set(isHealthy: boolean, why: string): void {
    this.isHealthy = isHealthy
    this.#options.onChange(isHealthy, why)
  }
}
