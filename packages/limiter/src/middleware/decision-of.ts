import type { Decision } from '../core/decision.ts'
import { RequestLimits } from './request-limits.ts'

/**
 * What the limiters of a request have decided, as one: for handlers that tell their users what is left. `request` is what the
 * framework gives to handlers: a message of `node:http`, a request of Express or Fastify, a context of Hono or Koa, a `Request`.
 * Null where no limiter has judged it.
 */
export function decisionOf(request: object): Decision | null {
  for (const candidate of identitiesOf(request)) {
    const limits = RequestLimits.find(candidate)
    if (limits !== null) return limits.decision
  }
  return null
}

/** The objects that adapters may know a request by: itself, or what a framework has wrapped as `raw` or `req`. */
function identitiesOf(request: object): object[] {
  const { raw, req } = request as { readonly raw?: unknown; readonly req?: { readonly raw?: unknown } }
  return [request, raw, req, req?.raw].filter((one): one is object => typeof one === 'object' && one !== null)
}
