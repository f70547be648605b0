import type { BudgetOptions } from 'headgate'

/** Name under which rules that come with calls over HTTP count; no policy may have it. */
export const HTTP_POLICY = 'http'
/** The same for the Redis protocol. */
export const RESP_POLICY = 'resp'

/** The same for gRPC. */
export const GRPC_POLICY = 'grpc'
/** Name under which limits that come with descriptors count, over Envoy's protocol; no policy may have it. */
export const ENVOY_POLICY = 'envoy'

/** What rules of calls count under, with the calls that bring them. */
export const WIRE_POLICIES: ReadonlyMap<string, string> = new Map([
  [HTTP_POLICY, 'rules that come with calls over HTTP'],
  [RESP_POLICY, 'rules that come with calls over the Redis protocol'],
  [GRPC_POLICY, 'rules that come with calls over gRPC'],
  [ENVOY_POLICY, "limits that come with calls over Envoy's protocol"],
])

/** Stands for all rules that count under such a name: to reach what is kept there, any of them will do. */
const ANY_RULE = { limit: '1/s' } as const

/** Options by which a reset or a block reaches a policy, or what rules of calls count under their name. */
export function reaching({ policy }: Pick<BudgetOptions, 'policy'>): BudgetOptions {
  if (policy === undefined) return {}
  return WIRE_POLICIES.has(policy) ? { policy, rule: ANY_RULE } : { policy }
}
