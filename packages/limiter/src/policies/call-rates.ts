import { invalid, wrong } from '../core/errors.ts'
import { parseRate, type Rate } from '../core/rate.ts'
import { type Algorithms, compileRule, type Rule, type RuleOptions } from '../core/rule.ts'
import { CALL_RATES, WINDOWS_MAX } from '../core/state-identity.ts'
import { RULES_MAX } from './compile-policy.ts'

const PATH = 'options.limit'

/**
 * Compiles rates that come with a call, in place of those that a policy's rules are written with. One rate for one rule
 * takes its place; several pair with the rules of the same windows. What pairs with none is an unnamed rule.
 */
export function compileCallRates(
  rates: readonly Rate[],
  written: readonly RuleOptions[],
  custom: Algorithms,
): Rule[] {
  if (rates.length === 0 || rates.length > RULES_MAX) {
    throw wrong(rates, `is not a list of 1 to ${RULES_MAX} rates`, PATH)
  }
  const isAlone = rates.length === 1 && written.length === 1
  const free = [...written]
  const rules = rates.map((rate, i) => {
    const path = rates.length === 1 ? PATH : `${PATH}[${i}]`
    const { ms } = parseRate(rate, path).window
    const found = isAlone ? 0 : free.findIndex(({ limit }) => parseRate(limit, path).window.ms === ms)
    const [paired] = found < 0 ? [] : free.splice(found, 1)
    return paired === undefined
      ? compileRule({ limit: rate }, path, custom, { stateName: CALL_RATES, byCall: true })
      : compileRule(withRate(paired, rate), path, custom, { byCall: true })
  })
  checkWindows(rules)
  return rules
}

/** The rule at another rate; a burst stays in proportion. */
function withRate(rule: RuleOptions, rate: Rate): RuleOptions {
  const { burst } = rule
  if (burst === undefined) return { ...rule, limit: rate }
  const before = BigInt(parseRate(rule.limit, PATH).limit)
  const now = BigInt(parseRate(rate, PATH).limit)
  const scaled = before === 0n ? burst : Math.max(1, Number((BigInt(burst) * now) / before))
  return { ...rule, limit: rate, burst: scaled }
}

function checkWindows(rules: readonly Rule[]): void {
  const unnamed = rules.filter(({ identity }) => identity.name === CALL_RATES)
  if (unnamed.length > WINDOWS_MAX) {
    const fix = 'give the policy rules of these windows'
    throw invalid(PATH, `${unnamed.length} rates pair with no rule, and a key holds ${WINDOWS_MAX}; ${fix}`)
  }
  rules.forEach(({ name, windowMs, identity }, i) => {
    const isTwice = rules.some((other, at) => at !== i && other.windowMs === windowMs)
    if (identity.name !== CALL_RATES || !isTwice) return
    throw invalid(`${PATH}[${i}]`, `two rates have the window ${name}, and no two rules do; leave one out`)
  })
}
