import { invalid } from '../core/errors.ts'
import type { Who } from '../core/key.ts'
import type { CallOptions } from '../core/limiter.ts'

/** Who, as a body says it. */
export function bodyOf(who: Who): object {
  if (typeof who !== 'object') return { key: who }
  const { descriptor, ...attributes } = who
  return { attributes, ...(descriptor !== undefined && { descriptor }) }
}

/** A call, as a body says it. */
export function callBody(who: Who, { rule, ...options }: Omit<CallOptions, 'deadlineMs'>): object {
  if (rule !== undefined) return { ...wholeRule(who, rule), ...options }
  // With a bare key a limit would be a whole rule, which asks no policy.
  const isBare = typeof who !== 'object' && options.limit !== undefined && options.policy === undefined
  return { ...bodyOf(isBare ? { key: who } : who), ...options }
}

/** A rule that comes with the call: over HTTP it has a limit and a burst, and goes with a key. */
function wholeRule(who: Who, { limit, burst, ...others }: NonNullable<CallOptions['rule']>): object {
  const [other] = Object.keys(others)
  if (other !== undefined)
    throw invalid(`options.rule.${other}`, 'over HTTP a rule has only a limit and a burst; leave it out')
  if (typeof who === 'object') throw invalid('options.rule', 'over HTTP a rule goes with a key; pass a text')
  return { key: who, limit, ...(burst !== undefined && { burst }) }
}
