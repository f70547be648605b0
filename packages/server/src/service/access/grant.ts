import { HeadgateError, type LimitRequest, type PolicyOptions } from 'headgate'
import type { SpentFrom } from '../tokens/tokens.ts'
import { ENVOY_POLICY, WIRE_POLICIES } from '../wire-policy.ts'
import { compileGlobs } from './glob.ts'
import type { Scope } from './scope.ts'
import type { TokenSettings } from './token-settings.ts'

/** What one token lets its holder do. */
export class Grant {
  readonly name: string
  readonly #scopes: ReadonlySet<Scope>
  readonly #isDomain: ((domain: string) => boolean) | null
  readonly #isPolicy: ((name: string) => boolean) | null

  constructor({ name, scopes, domains, policies }: TokenSettings) {
    this.name = name
    this.#scopes = new Set(scopes.includes('admin') ? [...scopes, 'read'] : scopes)
    this.#isDomain = domains === undefined ? null : compileGlobs(domains)
    this.#isPolicy = policies === undefined ? null : compileGlobs(policies)
  }

  /** Whether it is for some domains or policies only. */
  get isConfined(): boolean {
    return this.#isDomain !== null || this.#isPolicy !== null
  }

  /** Whether its holder has to say for which domain it asks. */
  get isOfDomains(): boolean {
    return this.#isDomain !== null
  }

  /** What it is for, `read` too where it is for `admin`. */
  get scopes(): readonly Scope[] {
    return [...this.#scopes]
  }

  has(scope: Scope): boolean {
    return this.#scopes.has(scope)
  }

  /** Throws unless it is for this. */
  need(scope: Scope): void {
    if (this.has(scope)) return
    throw forbidden(`the token "${this.name}" is not for this; it takes one with the scope ${scope}`)
  }

  /** Throws unless all of the service is open to it, for what is about no policy or domain in particular. */
  needAll(): void {
    if (!this.isConfined) return
    throw forbidden(
      `the token "${this.name}" is for some domains or policies only; this is about all of them`,
    )
  }

  /**
   * Whether it may see and change a policy: its name fits, and it is of domains that fit alone. Of one that does not exist it
   * may learn that, where the name fits.
   */
  reaches(name: string, policy: PolicyOptions | undefined): boolean {
    if (this.#isPolicy?.(name) === false) return false
    if (this.#isDomain === null) return true
    // What rules of calls count under is everybody's.
    if (policy === undefined) return !WIRE_POLICIES.has(name)
    const domains = [policy.match?.['domain'] ?? []].flat().map(String)
    // A pattern of a match, such as `shop-*`, is looked at as a text: what it may match, a wider pattern of ours matches too.
    return domains.length > 0 && domains.every(this.#isDomain)
  }

  /** Throws unless its holder may ask about this request. */
  checkRequest(
    { who, policy, rule }: Pick<LimitRequest, 'who' | 'policy' | 'rule'>,
    known: KnownPolicies,
  ): void {
    // A limit of a descriptor counts by its domain, which is checked below.
    const isOfDomain = rule !== undefined && policy === ENVOY_POLICY && this.#isPolicy === null
    if (!isOfDomain) this.#checkPolicy(policy, known)
    if (this.#isDomain === null) return
    const domain = typeof who === 'string' ? undefined : who['domain']
    if (domain === undefined || domain === null || domain === '') {
      throw forbidden(`the token "${this.name}" is for some domains only; give one as the attribute domain`)
    }
    this.checkDomain(String(domain))
  }

  /** Throws unless what was spent is its holder's to give back. Of a domain, policies of everybody were spent from as well. */
  checkSpent({ policies, domain }: SpentFrom): void {
    const isPolicy = this.#isPolicy
    if (isPolicy !== null && !policies.every(isPolicy)) throw this.#otherPolicies()
    this.checkDomain(domain)
  }

  /** Throws unless it is for this domain, where it is for some only. */
  checkDomain(domain: string | null): void {
    if (this.#isDomain === null || (domain !== null && this.#isDomain(domain))) return
    throw forbidden(`the token "${this.name}" is for other domains`)
  }

  /** Throws unless its holder may change what stands under this policy: of one that is confined the policy has to be named. */
  checkReach(policy: string | undefined, known: KnownPolicies): void {
    if (policy === undefined && this.isConfined) throw this.#unnamed()
    this.#checkPolicy(policy, known)
  }

  /** Throws where a policy shares its group (`choose`) with others that are not its holder's: it may be chosen in their place. */
  checkGroup(policy: PolicyOptions | undefined, others: readonly PolicyOptions[]): void {
    const group = policy?.choose?.group
    if (group === undefined) return
    const beside = others.filter(({ choose }) => choose?.group === group)
    if (beside.every((one) => this.reaches(one.name, one))) return
    throw forbidden(
      `the token "${this.name}" is for other policies than some of the group ${JSON.stringify(group)}, of which one is chosen; use another group`,
    )
  }

  #checkPolicy(policy: string | undefined, known: KnownPolicies): void {
    if (policy === undefined) {
      if (this.#isPolicy !== null) throw this.#unnamed()
      return
    }
    if (this.reaches(policy, known(policy))) return
    throw this.#otherPolicies()
  }

  #otherPolicies(): HeadgateError {
    return forbidden(`the token "${this.name}" is for other policies`)
  }

  #unnamed(): HeadgateError {
    const what =
      this.#isPolicy === null ? 'domains only; name a policy of theirs' : 'policies only; name one of them'
    return forbidden(`the token "${this.name}" is for some ${what} as policy`)
  }
}

/** Policies in force, by name. */
export type KnownPolicies = (name: string) => PolicyOptions | undefined

function forbidden(message: string): HeadgateError {
  return new HeadgateError('forbidden', message)
}
