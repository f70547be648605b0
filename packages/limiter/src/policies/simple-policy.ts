import { invalid, show, wrong } from '../core/errors.ts'
import type { PolicyOptions, ShadowOptions } from '../core/policy-options.ts'
import { parseRate, type Rate } from '../core/rate.ts'
import { type RuleOptions, ruleFields } from '../core/rule.ts'
import { checkFields } from '../core/validate.ts'
import { compileRules } from './compile-rules.ts'

/** Another limit beside the one of a limiter, counted without denying anything; its other fields are those of a rule. */
export interface SimpleShadow extends Partial<Omit<RuleOptions, 'name' | 'limit'>> {
  /** One rate beside the only one, or rates each beside the one of the same window. */
  readonly limit: Rate | readonly Rate[]
  /**
   * The share of keys for which this limit decides, and the limiter's own counts: see {@link ShadowOptions}.
   * @default '0%'
   */
  readonly rollout?: string
}

/** What a limiter of one policy takes over from {@link PolicyOptions} as it is. */
const policyFields = ['key', 'missing', 'ipv6Prefix', 'overdraw', 'mode', 'rollout', 'ban', 'lease'] as const

/** What a limiter of one policy is made of. */
export interface SimplePolicy
  extends Omit<RuleOptions, 'limit'>,
    Pick<PolicyOptions, (typeof policyFields)[number]> {
  readonly limit: Rate | readonly Rate[]
  readonly policy?: string
  readonly shadow?: SimpleShadow
}

/** The fields of {@link SimplePolicy}. */
export const simpleFields: readonly string[] = [...ruleFields, 'policy', 'shadow', ...policyFields]

/** The policy for all requests, by plain key, that the options of a limiter stand for. */
export function simplePolicy({ limit, shadow, policy = 'default', ...fields }: SimplePolicy): PolicyOptions {
  if (limit === undefined) {
    throw invalid('options', 'a limiter needs a limit, such as limit: "100/min", or policies')
  }
  const isOfPolicy = ([field]: [string, unknown]): boolean => policyFields.some((name) => name === field)
  const entries = Object.entries(fields)
  const rule = Object.fromEntries(entries.filter((entry) => !isOfPolicy(entry))) as Omit<RuleOptions, 'limit'>
  if (Array.isArray(limit) && rule.name !== undefined) {
    const fix = 'use policies, with a name for each'
    throw invalid('options.name', `name ${show(rule.name)} cannot name several rules; ${fix}`)
  }
  const rates = [limit].flat() as Rate[]
  const rules = rates.map((rate) => ({ ...rule, limit: rate }))
  return {
    name: policy,
    rules,
    ...(shadow !== undefined && { shadow: simpleShadow(shadow, rules) }),
    ...Object.fromEntries(entries.filter(isOfPolicy)),
  }
}

function simpleShadow(shadow: SimpleShadow, rules: readonly RuleOptions[]): ShadowOptions {
  const fields = ruleFields.filter((field) => field !== 'name')
  checkFields(shadow, [...fields, 'rollout'], 'options.shadow')
  const { limit, rollout, ...rule } = shadow
  if (limit === undefined) {
    throw invalid('options.shadow', 'a shadow needs a limit, such as limit: "60/min"')
  }
  const names = compileRules(rules, 'options', new Map()).rules.map(({ name }) => name)
  const beside = [limit].flat().map((rate): [string, Partial<RuleOptions>] => {
    const { ms } = parseRate(rate as Rate, 'options.shadow.limit').window
    const index = rules.length === 1 ? 0 : rules.findIndex((one) => windowMs(one) === ms)
    if (index < 0) {
      const fix = `give one of ${names.join(', ')}`
      throw wrong(rate, `is beside no limit of the same window; ${fix}`, 'options.shadow.limit')
    }
    return [names[index] as string, { ...rule, limit: rate as Rate }]
  })
  const byName = Object.fromEntries(beside)
  if (Object.keys(byName).length < beside.length) {
    throw wrong(limit, 'has two rates beside one limit; leave one out', 'options.shadow.limit')
  }
  return { rules: byName, ...(rollout !== undefined && { rollout }) }
}

function windowMs({ limit }: RuleOptions): number {
  return parseRate(limit, 'options.limit').window.ms
}
