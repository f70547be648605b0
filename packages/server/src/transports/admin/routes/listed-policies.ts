import type { PolicyOptions } from 'headgate'
import { allRequired, SCHEMAS } from '../../http/answer-schemas.ts'
import type { Route } from '../../http/http-route.ts'
import type { JsonSchema } from '../../http/json-schema.ts'
import { listPoliciesIn, POLICIES_ROUTE } from '../../http/routes/about.ts'
import type { AdminParts } from '../admin-parts.ts'

const LISTED: JsonSchema = {
  ...SCHEMAS.Policies,
  properties: {
    ...SCHEMAS.Policies.properties,
    policies: {
      type: 'array',
      items: {
        ...allRequired({
          name: { type: 'string' },
          rules: { type: 'array' },
          worstCase: { type: 'array', items: { type: 'string' }, description: 'In sentences, for people.' },
        }),
        additionalProperties: true,
        description: 'As configured, except for values of `match`.',
      },
    },
  },
}

/** The policies in force as over HTTP, each with what it admits at worst. */
export function listedPolicies({ worstCase }: Pick<AdminParts, 'worstCase'>): Route {
  const sentences = remembered(worstCase)
  return {
    ...POLICIES_ROUTE,
    summary: 'The policies in force, each with what it admits at worst.',
    responses: { 200: { description: 'The configuration.', schema: LISTED } },
    handler: (exchange) => {
      const listing = listPoliciesIn(exchange)
      const { policies } = exchange.service.configuration()
      const options = new Map(policies.map((policy) => [policy.name, policy]))
      return {
        ...listing,
        policies: listing.policies.map((policy) => ({
          ...policy,
          worstCase: sentences(options.get(policy.name) as PolicyOptions),
        })),
      }
    },
  }
}

/** Policies are compiled for it, which need not be done for every page that asks. */
function remembered(worstCase: AdminParts['worstCase']): AdminParts['worstCase'] {
  const known = new WeakMap<PolicyOptions, readonly string[]>()
  return (policy) => {
    const sentences = known.get(policy) ?? worstCase(policy)
    known.set(policy, sentences)
    return sentences
  }
}
