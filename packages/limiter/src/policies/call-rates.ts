import { invalid } from '../core/errors.ts'
import { parseRate, type Rate } from '../core/rate.ts'
import { type Algorithms, compileRule, type Rule, type RuleOptions } from '../core/rule.ts'
import { CALL_RATES, WINDOWS_MAX } from '../core/state-identity.ts'
import { checkList } from '../core/validate.ts'
import { RULES_MAX } from './compile-rules.ts'

const PATH = 'options.limit'

/**
 * Compiles rates that came with a call, which replace the rates of a policy's rules. A single rate replaces that of a single
 * rule; otherwise each rate pairs with the rule of the same window. A rate that pairs with none becomes an unnamed rule.
 */
export function compileCallRates(
  rates: readonly Rate[],
  configured: readonly RuleOptions[],
  custom: Algorithms,
): Rule[] {
  checkList(rates, { max: RULES_MAX, what: 'rates' }, PATH)
  const isSingle = rates.length === 1 && configured.length === 1
  const unpaired = [...configured]
  const rules = rates.map((rate, i) => {
    const path = rates.length === 1 ? PATH : `${PATH}[${i}]`
    const { ms } = parseRate(rate, path).window
    const index = isSingle ? 0 : unpaired.findIndex(({ limit }) => parseRate(limit, path).window.ms === ms)
    const [paired] = index < 0 ? [] : unpaired.splice(index, 1)
    return paired === undefined
      ? compileRule({ limit: rate }, path, { algorithms: custom, stateName: CALL_RATES, byCall: true })
      : compileRule(withRate(paired, rate), path, { algorithms: custom, byCall: true })
  })
  checkWindows(rules)
  return rules
}

/** The rule at another rate, with its burst scaled: `100/min` with burst 20 becomes `50/min` with burst 10. */
function withRate(rule: RuleOptions, rate: Rate): RuleOptions {
  const { burst } = rule
  if (burst === undefined) return { ...rule, limit: rate }
  // BigInt: burst × limit may exceed 2^53.
  const oldLimit = BigInt(parseRate(rule.limit, PATH).limit)
  const newLimit = BigInt(parseRate(rate, PATH).limit)
  const scaled = oldLimit === 0n ? burst : Math.max(1, Number((BigInt(burst) * newLimit) / oldLimit))
  return { ...rule, limit: rate, burst: scaled }
}

function checkWindows(rules: readonly Rule[]): void {
  const unnamed = rules.filter(({ identity }) => identity.name === CALL_RATES)
  if (unnamed.length > WINDOWS_MAX) {
    const fix = 'give the policy rules of these windows'
    throw invalid(PATH, `${unnamed.length} rates pair with no rule, and a key holds ${WINDOWS_MAX}; ${fix}`)
  }
  rules.forEach(({ name, windowMs, identity }, i) => {
    const isDuplicate = rules.some((other, j) => j !== i && other.windowMs === windowMs)
    if (identity.name !== CALL_RATES || !isDuplicate) return
    throw invalid(`${PATH}[${i}]`, `two rates have the window ${name}, and no two rules do; leave one out`)
  })
}
