import type { DenialView } from '../../service/observe/recent-denials.ts'
import { CommandFailure, EXIT } from '../exit.ts'
import { addElement, bannedNetwork, deleteElement, type KeyedPolicy, type NftSets } from './nft-elements.ts'
import { printable } from './printable.ts'

/** A key and its policy, as events have them. */
interface PolicyKey {
  readonly policy: string
  readonly key: string
}

/** Whom a policy bans. */
export interface Banned {
  readonly policy: string
  readonly network: string
  /** By which the policy finds its budget. */
  readonly address: string
  /** In milliseconds since 1970. */
  readonly until: number
}

/** Most networks that are remembered; the one that was told first is forgotten first, and may be told again. */
const TOLD_MAX = 65_536

/** Where what is found goes. */
export interface NftFeedOptions {
  readonly sets: NftSets
  /** Prints a line for nft. */
  readonly write: (line: string) => void
  readonly warn: (line: string) => void
  /** In milliseconds since 1970. */
  readonly now: () => number
}

/** Makes of denials what a firewall has to drop: each network once for as long as its ban lasts. */
export class NftFeed {
  readonly #options: NftFeedOptions
  readonly #told = new Map<string, number>()
  readonly #warned = new Set<string>()
  #policies = new Map<string, KeyedPolicy>()

  constructor(options: NftFeedOptions) {
    this.#options = options
  }

  /** Takes other policies into account: what keys stand for is theirs to say. */
  replace(policies: readonly (KeyedPolicy & { readonly name: string })[]): void {
    this.#policies = new Map(policies.map((policy) => [policy.name, policy]))
  }

  /** Tells of whom a ban or a block denied. */
  add(denial: DenialView): void {
    for (const { network, until } of this.untold([denial])) this.ban(network, until - this.#options.now())
  }

  /** Whom bans or blocks denied that need not be over, and of whom nothing was told yet. */
  untold(denials: readonly DenialView[]): Banned[] {
    const now = this.#options.now()
    const found = new Map<string, Banned>()
    for (const { at, policy, reason, keys, retryAfterMs } of denials) {
      if (reason !== 'blocked' || retryAfterMs === null) continue
      const until = at + retryAfterMs
      for (const one of keys.filter((key) => key.policy === policy)) {
        const network = this.#networkOf(one)
        if (network === null || until <= now || (this.#told.get(network) ?? 0) > now) continue
        const known = found.get(`${one.policy} ${network}`)
        if (known !== undefined && known.until >= until) continue
        const address = network.replace(/\/.*/, '')
        found.set(`${one.policy} ${network}`, { policy: one.policy, network, address, until })
      }
    }
    return [...found.values()]
  }

  /** Tells of a network that is banned for a time. */
  ban(network: string, ms: number): void {
    const now = this.#options.now()
    if ((this.#told.get(network) ?? 0) > now) return
    this.#remember(network, now + ms)
    this.#options.write(addElement(this.#options.sets, network, ms))
  }

  /** Tells of whom somebody let in again. */
  remove(keys: readonly PolicyKey[]): void {
    for (const key of keys) {
      const network = this.#networkOf(key)
      if (network === null || (this.#told.get(network) ?? 0) <= this.#options.now()) continue
      this.#told.delete(network)
      this.#options.write(deleteElement(this.#options.sets, network))
    }
  }

  #networkOf({ policy, key }: PolicyKey): string | null {
    if (key.startsWith('~h')) {
      const why = 'keys are hashed there (hashKeys), so that nobody can tell addresses from them'
      throw new CommandFailure(EXIT.no, `There is nothing to print: ${why}; ban where they are not hashed`)
    }
    const known = this.#policies.get(policy)
    const network = known === undefined ? null : bannedNetwork(key, known)
    if (network === null) this.#warnOf(policy)
    return network
  }

  #warnOf(policy: string): void {
    if (this.#warned.has(policy) || this.#warned.size >= TOLD_MAX) return
    this.#warned.add(policy)
    const what = 'bans something else than addresses alone, which a firewall cannot'
    this.#options.warn(`policy ${printable(policy)} ${what}; give it key: ip to have its bans printed`)
  }

  #remember(network: string, until: number): void {
    this.#told.delete(network)
    this.#told.set(network, until)
    const [first] = this.#told.keys()
    if (this.#told.size > TOLD_MAX && first !== undefined) this.#told.delete(first)
  }
}
