import { HeadgateError, invalid, wrong, wrongRule } from '../core/errors.ts'
import { type Attributes, attributesOf, attributeText, checkKey, entriesOf, type Who } from '../core/key.ts'
import type { CallOptions } from '../core/limiter.ts'
import { parseRate, type Rate } from '../core/rate.ts'
import { compileRule } from '../core/rule.ts'
import { isRecord } from '../core/validate.ts'

/**
 * Who, as a body says it. What is no text or whole number is an `invalid-key` error at the path that the service names, also
 * where no policy reads it: which of them do is not known here, and without its key a call could pass.
 */
export function bodyOf(who: Who): object {
  if (typeof who === 'string') return { key: at('key', () => checkKey(who)) }
  const { descriptor: _, ...attributes } = at('who', () => attributesOf(who))
  for (const [name, value] of Object.entries(attributes)) {
    at(`attributes.${name}`, () => attributeText(Object.fromEntries([[name, value]]) as Attributes, name))
  }
  const entries = at('descriptor', () => entriesOf(who))
  if (entries.length === 0) return { attributes }
  return { attributes, descriptor: entries.map(({ key, value }) => ({ key, value })) }
}

/** A call whose cost is checked, as a body says it. */
export function callBody(
  who: Who,
  { rule, limit, policy, ...others }: Omit<CallOptions, 'deadlineMs'>,
): object {
  if (rule !== undefined) return { ...wholeRule(who, { rule, limit, policy }), ...others }
  const options = {
    ...others,
    ...(limit !== undefined && { limit: ratesOf(limit) }),
    ...policyField(policy),
  }
  // With a bare key a limit would be a whole rule, which asks no policy.
  const isBare = typeof who === 'string' && limit !== undefined && policy === undefined
  return { ...bodyOf(isBare ? { key: checkKey(who) } : who), ...options }
}

/** The policy that a call names. */
export function policyField(policy: unknown): { readonly policy?: string } {
  if (policy === undefined) return {}
  if (typeof policy === 'string') return { policy }
  throw wrong(policy, 'is not the name of a policy; pass a text', 'options.policy')
}

interface RuleOfACall {
  readonly rule: NonNullable<CallOptions['rule']>
  readonly limit: unknown
  readonly policy: unknown
}

/** A rule that comes with the call: over HTTP it has a limit and a burst, and goes with a key. */
function wholeRule(who: Who, { rule, limit: other, policy }: RuleOfACall): object {
  if (other !== undefined)
    throw invalid('options.limit', 'a rule of the call has its own; give one of the two')
  if (policy !== undefined)
    throw invalid('options.policy', 'over HTTP the service names what a rule counts under; leave it out')
  if (!isRecord(rule)) throw wrongRule(rule, 'is not a rule; pass { limit: "10/s" }', 'options.rule')
  const { limit, burst, ...others } = rule
  const [more] = Object.keys(others)
  if (more !== undefined)
    throw invalid(`options.rule.${more}`, 'over HTTP a rule has only a limit and a burst; leave it out')
  if (typeof who !== 'string') throw invalid('options.rule', 'over HTTP a rule goes with a key; pass a text')
  compileRule({ limit, ...(burst !== undefined && { burst }) }, 'options.rule')
  return { ...bodyOf(who), limit: rateOf(limit, 'options.rule.limit'), ...(burst !== undefined && { burst }) }
}

function ratesOf(limit: Rate | readonly Rate[]): Rate | Rate[] {
  if (!Array.isArray(limit)) return rateOf(limit as Rate, 'options.limit')
  return Array.from(limit as readonly Rate[], (rate, i) => rateOf(rate, `options.limit[${i}]`))
}

/** A rate that is checked, with no more than its fields. */
function rateOf(rate: Rate, path: string): Rate {
  parseRate(rate, path)
  return typeof rate === 'string' ? rate : { limit: rate.limit, window: rate.window }
}

/** What a check returns; its error gets a path. */
function at<T>(path: string, check: () => T): T {
  try {
    return check()
  } catch (reason) {
    if (!HeadgateError.is(reason)) throw reason
    throw new HeadgateError(reason.code, reason.detail, { path })
  }
}
