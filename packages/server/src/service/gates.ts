import type { AccessOptions, Match, PolicyOptions, Who } from 'headgate'
import { foldList, foldPolicy, listAttributes, policyAttributes } from 'headgate/policies'
import type { Configuration } from './configuration.ts'

/**
 * When a proxy asks a policy: before anybody has authenticated, or after. Each policy is asked once, at the first of the two at which
 * all attributes that it asks for can be known.
 */
export type Gate = 'address' | 'principal'

/** The attribute by which a request asks for the policies of a gate, in addition to what they match by themselves. */
export const GATE_ATTRIBUTE = 'proxy.gate'

/** Policies of both gates. */
export const ALL_GATES = 'all'

/** Attributes that the head of a request has, whoever sent it. */
const OF_REQUEST = ['ip', 'host', 'method', 'path']

/** Which policies a proxy asks at which gate. */
export class Gates {
  /** In place of those of the configuration: each matches at its gate only. */
  readonly policies: readonly PolicyOptions[]
  /** Patterns of paths are in lower case where case does not matter. */
  readonly lists: Required<AccessOptions>
  readonly #asked: ReadonlySet<Gate>

  /** Without a proxy there are no gates, and policies stay as they are. */
  constructor(configuration: Pick<Configuration, 'policies' | 'allow' | 'deny' | 'identity' | 'proxy'>) {
    const { policies, allow, deny, proxy } = configuration
    const asked = new Set<Gate>()
    this.#asked = asked
    if (proxy === undefined) {
      this.policies = policies
      this.lists = { allow, deny }
      return
    }
    const isEarly = earlyAttributes(configuration)
    const gateOf = (names: Iterable<string>): Gate => ([...names].every(isEarly) ? 'address' : 'principal')
    const { ignoreCase } = proxy.paths
    const gates = gatesOf(policies, gateOf)
    this.policies = policies.map((policy) => {
      const gate = gates.get(policy.name) as Gate
      const special = proxy.outcomes.some(({ policy: name }) => name === policy.name)
      if (!special) asked.add(gate)
      return atGate(
        withLowerHosts(ignoreCase ? foldPolicy(policy) : policy),
        special ? outcomeGate(policy.name) : gate,
      )
    })
    this.lists = ignoreCase ? { allow: foldList(allow), deny: foldList(deny) } : { allow, deny }
    for (const list of [allow, deny]) {
      const names = listAttributes(list)
      if (names.size === 0) continue
      asked.add('address')
      if (gateOf(names) === 'principal') asked.add('principal')
    }
    this.outcomes = {
      address: proxy.outcomes.filter(({ policy }) => gates.get(policy) === 'address'),
      principal: proxy.outcomes.filter(({ policy }) => gates.get(policy) === 'principal'),
    }
  }

  /** Policies that are settled by the response, by the gate at which they are asked. */
  readonly outcomes: Readonly<Record<Gate, NonNullable<Configuration['proxy']>['outcomes']>> = {
    address: [],
    principal: [],
  }

  /** Whether any policy or list is asked there, but for those that are settled by the response. */
  has(gate: Gate): boolean {
    return this.#asked.has(gate)
  }

  /** Attributes by which somebody who only looks reaches the policies of all gates. */
  static complete(who: Who): Who {
    return typeof who === 'string' ? who : { ...who, [GATE_ATTRIBUTE]: ALL_GATES }
  }
}

/** What a request that asks a policy which is settled by the response has as {@link GATE_ATTRIBUTE}. */
export function outcomeGate(policy: string): string {
  return OF_OUTCOME + policy
}

/** The policy of such a gate; undefined for another gate. */
export function outcomeOf(gate: string): string | undefined {
  return gate.startsWith(OF_OUTCOME) ? gate.slice(OF_OUTCOME.length) : undefined
}

const OF_OUTCOME = 'outcome '

/** Says of an attribute whether it is known before anybody has authenticated. */
function earlyAttributes({ identity }: Pick<Configuration, 'identity'>): (name: string) => boolean {
  const sources = identity?.attributes ?? {}
  return (name) => {
    if (OF_REQUEST.includes(name)) return true
    const own = Object.hasOwn(sources, name) ? sources[name] : undefined
    return own?.every((source) => !source.startsWith('jwt')) ?? false
  }
}

/** The policies of one `choose` group are compared with each other, and so are asked together. */
function gatesOf(
  policies: readonly PolicyOptions[],
  gateOf: (names: Iterable<string>) => Gate,
): ReadonlyMap<string, Gate> {
  const own = policies.map((policy) => [policy, gateOf(policyAttributes(policy))] as const)
  const late = new Set(
    own.flatMap(([{ choose }, gate]) => (gate === 'principal' && choose ? [choose.group] : [])),
  )
  return new Map(
    own.map(([{ name, choose }, gate]) => [name, choose && late.has(choose.group) ? 'principal' : gate]),
  )
}

/** Patterns of hosts in lower case, as hosts of requests are. */
function withLowerHosts(policy: PolicyOptions): PolicyOptions {
  const { match, overrides } = policy
  return {
    ...policy,
    ...(match && { match: lowerHost(match) }),
    ...(overrides && { overrides: overrides.map((one) => ({ ...one, match: lowerHost(one.match) })) }),
  }
}

function lowerHost(match: Match): Match {
  const { host } = match
  if (host === undefined) return match
  const lower = [host].flat().map((one) => (typeof one === 'string' ? one.toLowerCase() : one))
  return { ...match, host: lower as readonly string[] }
}

function atGate(policy: PolicyOptions, gate: string): PolicyOptions {
  const match: Match = { ...policy.match, [GATE_ATTRIBUTE]: [gate, ALL_GATES] }
  return { ...policy, match }
}
