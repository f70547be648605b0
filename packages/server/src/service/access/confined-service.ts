import type { LimitRequest, Receipt } from 'headgate'
import type { Service } from '../service.ts'
import type { Grant, KnownPolicies } from './grant.ts'
import type { Scope } from './scope.ts'

/**
 * A service as the holder of a token may use it: each method looks at what the token is for before anything happens. All that
 * a token allows and forbids stands here, whatever the wire.
 */
export function confinedService(service: Service, grant: Grant): Service {
  const known: KnownPolicies = (name) =>
    service.configuration().policies.find((policy) => policy.name === name)
  // A receipt of somebody who is confined to domains says for which it was, and is good there alone.
  const domains = new WeakMap<Receipt, string>()
  const actor = grant.name
  const need = (...scopes: readonly Scope[]): void => {
    for (const scope of scopes) grant.need(scope)
  }
  const check = (request: LimitRequest, verb: LimitRequest['verb']): void => {
    need(...scopesOf({ ...request, verb: request.verb ?? verb ?? 'consume' }))
    grant.checkRequest(request, known)
  }
  const checkText = async (text: string): Promise<void> => {
    if (!grant.isConfined) return
    grant.checkSpent(await service.spentFrom(text))
  }
  const ofDomain = (request: Pick<LimitRequest, 'who'>): { readonly domain?: string } =>
    grant.isOfDomains ? { domain: domainOf(request) } : {}
  return {
    ...service,
    decide: async (requests, options) => {
      for (const request of requests) check(request, options.verb)
      const decided = await service.decide(requests, { ...options, actor })
      if (grant.isOfDomains) {
        for (const [i, { receipt }] of decided.decisions.entries()) {
          if (receipt !== null) domains.set(receipt, domainOf(requests[i] as LimitRequest))
        }
      }
      return decided
    },
    report: async (requests, options) => {
      for (const request of requests) check(request, 'consume')
      return service.report(requests, { ...options, actor })
    },
    decideAtOnce: (request, origin) => {
      check(request, 'consume')
      const decided = service.decideAtOnce(request, { ...origin, actor })
      const receipt = decided?.decisions[0]?.receipt ?? null
      if (grant.isOfDomains && receipt !== null) domains.set(receipt, domainOf(request))
      return decided
    },
    wait: async (request, options) => {
      check(request, 'consume')
      const decided = await service.wait(request, { ...options, actor })
      const receipt = decided.decisions[0]?.receipt ?? null
      if (grant.isOfDomains && receipt !== null) domains.set(receipt, domainOf(request))
      return decided
    },
    seal: (receipt) => service.seal(receipt, domains.get(receipt)),
    refund: async (receipt, options) => {
      need('consume')
      await checkText(receipt)
      return service.refund(receipt, options)
    },
    reserve: async (request, options) => {
      check(request, 'consume')
      return service.reserve(request, { ...options, ...ofDomain(request), actor })
    },
    settle: async (reservation, actual) => {
      need('consume')
      await checkText(reservation)
      return service.settle(reservation, actual)
    },
    extend: async (reservation, more, origin) => {
      need('consume')
      await checkText(reservation)
      return service.extend(reservation, more, { ...origin, actor })
    },
    explain: async (who, options) => {
      need('read')
      grant.checkRequest({ who, ...options }, known)
      const { policies, ...explanation } = await service.explain(who, options)
      return {
        ...explanation,
        policies: policies.filter(({ policy }) => grant.reaches(policy, known(policy))),
      }
    },
    usage: async (who, options = {}) => {
      need('read')
      grant.checkRequest({ who, ...options }, known)
      const usages = await service.usage(who, options)
      return usages.filter(({ policy }) => grant.reaches(policy, known(policy)))
    },
    keysOf: (who, options = {}) => {
      need('read')
      grant.checkRequest({ who, ...options }, known)
      return service.keysOf(who, options).filter(({ policy }) => grant.reaches(policy, known(policy)))
    },
    reset: async (who, options) => {
      need('admin')
      grant.checkReach(options.policy, known)
      return service.reset(who, { ...options, actor })
    },
    block: async (who, duration, options) => {
      need('admin')
      grant.checkReach(options.policy, known)
      return service.block(who, duration, { ...options, actor })
    },
    unblock: async (who, options) => {
      need('admin')
      grant.checkReach(options.policy, known)
      return service.unblock(who, { ...options, actor })
    },
    health: () => {
      need('read')
      return service.health()
    },
    policies: () => {
      need('read')
      const { policies, runtime, ...listing } = service.policies()
      if (!grant.isConfined) return { ...listing, policies, ...(runtime && { runtime }) }
      const isShown = (name: string): boolean => grant.reaches(name, known(name))
      return {
        ...listing,
        policies: policies.filter(({ name }) => isShown(name)),
        // The lists are of everybody.
        allow: {},
        deny: {},
        notInForce: [],
        ...(runtime && { runtime: { ...runtime, policies: runtime.policies.filter(isShown) } }),
      }
    },
    grant,
    // It is kept for later requests, which see what is then.
    get isDraining() {
      return service.isDraining
    },
  }
}

/** What is needed to ask this: a limit that the caller brings is as good as giving units back. */
function scopesOf({ verb, limit, rule }: LimitRequest): Scope[] {
  const adjusts = verb === 'charge' || verb === 'credit'
  const brings = limit !== undefined || rule !== undefined
  return [...(adjusts ? [] : (['consume'] as const)), ...(adjusts || brings ? (['adjust'] as const) : [])]
}

function domainOf({ who }: Pick<LimitRequest, 'who'>): string {
  return typeof who === 'string' ? '' : String(who['domain'] ?? '')
}
