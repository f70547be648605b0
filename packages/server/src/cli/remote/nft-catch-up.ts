import type { DenialView } from '../../service/observe/recent-denials.ts'
import type { PolicyUsage } from '../../service/policy-usage.ts'
import { CommandFailure } from '../exit.ts'
import { ask } from './ask.ts'
import { timeText } from './ask-denials.ts'
import type { Connection } from './connection-of.ts'
import type { Banned, NftFeed } from './nft-feed.ts'
import { printable } from './printable.ts'
import type { Terminal } from './terminal.ts'

/** Whom a service is asked about at the same time. */
const AT_ONCE = 16
/** How often it is said that bans may be missing. */
const WARN_EVERY_MS = 60_000

export interface NftCatchUpParts {
  readonly connection: Connection
  readonly feed: NftFeed
  /** Of this policy alone. */
  readonly policy: string | undefined
  readonly terminal: Terminal
}

/**
 * Tells a firewall of denials that were not told as they happened. Since somebody may have let their senders in again, at whichever
 * instance, the service is asked who is still banned.
 */
export class NftCatchUp {
  readonly #parts: NftCatchUpParts
  /** Up to then every denial is known, by the clock of the service. */
  #seenUntil = Number.NEGATIVE_INFINITY
  #warnedAt = Number.NEGATIVE_INFINITY

  constructor(parts: NftCatchUpParts) {
    this.#parts = parts
  }

  /** Every denial up to then was told as it happened. */
  seenUntil(at: number): void {
    if (Number.isFinite(at)) this.#seenUntil = at
  }

  async run(): Promise<void> {
    const { connection, feed, policy } = this.#parts
    const answer = await ask(connection, { method: 'GET', path: '/v1/denials?limit=1000' })
    const { denials, since } = answer as { denials?: readonly DenialView[]; since?: number | null }
    if (!Array.isArray(denials)) return
    if (typeof since === 'number' && since > this.#seenUntil) this.#warnOfMissed(since)
    this.seenUntil(denials[0]?.at ?? Number.NaN)
    const asked = denials.filter((one) => policy === undefined || one.policy === policy)
    const banned = feed.untold(asked)
    for (let from = 0; from < banned.length; from += AT_ONCE) {
      await Promise.all(banned.slice(from, from + AT_ONCE).map((one) => this.#addIfBanned(one)))
    }
  }

  async #addIfBanned(one: Banned): Promise<void> {
    const { connection, feed } = this.#parts
    const { policy, address } = one
    const body = { policy, attributes: { ip: address } }
    try {
      const { policies } = await ask(connection, { method: 'POST', path: '/v1/usage', body })
      const [usage] = policies as readonly PolicyUsage[]
      const isInForce = usage?.rules.some(({ isShadow }) => !isShadow) ?? false
      if (isInForce && typeof usage?.blockedForMs === 'number') feed.ban(one.network, usage.blockedForMs)
    } catch (reason) {
      if (!(reason instanceof CommandFailure)) throw reason
      this.#warn(`whether those denied before are still banned cannot be asked: ${reason.message}`)
    }
  }

  #warnOfMissed(since: number): void {
    const kept = `keeps its last denials only, now since ${timeText(since)}`
    this.#warn(
      `${this.#parts.connection.url.shown} ${kept}: bans of before may be missing here until their next request`,
    )
  }

  /** Under a flood there is something to say every second. */
  #warn(line: string): void {
    const { now, warn } = this.#parts.terminal
    if (now() - this.#warnedAt < WARN_EVERY_MS) return
    this.#warnedAt = now()
    warn(printable(line))
  }
}
