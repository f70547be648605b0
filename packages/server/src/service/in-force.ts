import { isDeepStrictEqual } from 'node:util'
import { createLimiter, type Limiter, memoryStore } from 'headgate'
import { compileHeaders, type HeaderOptions, type HeaderWriter } from 'headgate/http'
import { compilePolicies, type PolicyAnswer, policyAnswers } from 'headgate/policies'
import { TokenRegister } from './access/token-register.ts'
import type { Configuration, ConfigurationState, HttpSettings, Rejection } from './configuration.ts'
import { knownDomains } from './envoy/known-domains.ts'
import { LimitDomains } from './envoy/limit-domains.ts'
import type { Events } from './events.ts'
import { Gates } from './gates.ts'
import { AttributeSources } from './identity/attribute-sources.ts'
import { listPolicies, type PolicyListing } from './policy-listing.ts'

/** A configuration that decides, and what answers need of it. */
export interface ConfigurationInForce extends Configuration {
  /** What its policies add to answers, by their names. */
  readonly answers: ReadonlyMap<string, PolicyAnswer>
  /** Writes the fields that tell of limits. */
  readonly writeHeaders: HeaderWriter
  /** Where attributes come from that callers do not name. */
  readonly sources: AttributeSources
  /** Whose calls are taken, and for what. */
  readonly access: TokenRegister
  /** Finds the policies of descriptors that trees have. */
  readonly limits: LimitDomains
  /** Which policies are asked before and after somebody has authenticated. */
  readonly gates: Gates
  /** Whether policies ask for a domain. */
  readonly isKnownDomain: (domain: string) => boolean
}

/** What decides by a configuration, and who hears of another one. */
export interface InForceParts {
  /** Made of `configuration`. */
  readonly limiter: Limiter
  /** Names of its stores, where it has several. */
  readonly stores: readonly string[] | undefined
  readonly events: Events
  readonly configuration: Configuration
}

/** The configuration that decides, and why a later one does not. */
export class InForce {
  readonly #limiter: Limiter
  readonly #stores: readonly string[] | undefined
  readonly #events: Events
  #current: ConfigurationInForce
  #rejected: Rejection | null = null

  constructor({ limiter, stores, events, configuration }: InForceParts) {
    this.#limiter = limiter
    this.#stores = stores
    this.#events = events
    this.#current = snapshotOf(configuration)
  }

  get configuration(): ConfigurationInForce {
    return this.#current
  }

  get state(): ConfigurationState {
    const { hash, runtime } = this.#current
    return { hash, rejected: this.#rejected, ...(runtime?.shadow && { shadow: true as const }) }
  }

  apply(next: Configuration): void {
    if (next.hash !== this.#current.hash) {
      const compiled = snapshotOf(next)
      const { policies, lists } = compiled.gates
      this.#limiter.policies.replace(policies, lists)
      this.#current = compiled
      this.#tellApplied(true)
      return
    }
    // What was changed back is as it was, and has another version all the same.
    if (next.runtime?.version !== this.#current.runtime?.version) {
      this.#current = Object.freeze({ ...this.#current, ...versionOf(next) })
    }
    if (this.#rejected !== null) this.#tellApplied(false)
  }

  /** Throws where `apply` would. */
  check(next: Configuration): void {
    if (next.hash === this.#current.hash) return
    const { policies, lists } = snapshotOf(next).gates
    compilePolicies(policies, this.#stores === undefined ? {} : { stores: this.#stores })
    createLimiter({ policies: [], ...lists, store: memoryStore({ maxKeys: 1 }) })
  }

  #tellApplied(isNew: boolean): void {
    this.#rejected = null
    const { policies, notInForce, runtime } = this.#current
    const { rejected: _, ...state } = this.state
    const version = runtime && { version: runtime.version }
    this.#events.emit('configuration', { ...state, ...version, policies: policies.length, notInForce, isNew })
  }

  reject(rejection: Rejection): void {
    // A file that stays wrong is read again whenever something beside it changes.
    if (isDeepStrictEqual(rejection, this.#rejected)) return
    this.#rejected = Object.freeze({ ...rejection })
    this.#events.emit('configuration-rejected', { ...this.state, rejected: this.#rejected })
  }

  list(): PolicyListing {
    return listPolicies(this.#current, this.#rejected)
  }
}

/** A configuration of which nobody can change a part. */
function snapshotOf(configuration: Configuration): ConfigurationInForce {
  return Object.freeze({
    ...configuration,
    answers: policyAnswers(configuration.policies),
    writeHeaders: compileHeaders(headerOptions(configuration.http)),
    sources: new AttributeSources(configuration.identity),
    access: new TokenRegister(configuration.tokens),
    limits: new LimitDomains(configuration.domains),
    gates: new Gates(configuration),
    isKnownDomain: knownDomains(configuration.policies),
  })
}

/** What may differ between configurations of one hash. */
function versionOf({ runtime, notInForce }: Configuration): Partial<Configuration> {
  return { notInForce, ...(runtime && { runtime }) }
}

function headerOptions({ headers = 'draft', reset = 'delta' }: HttpSettings = {}): false | HeaderOptions {
  switch (headers) {
    case 'draft':
      return {}
    case 'legacy':
      return { standard: false, legacy: reset }
    case 'both':
      return { legacy: reset }
    case 'none':
      return false
  }
}
