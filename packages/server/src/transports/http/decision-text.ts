import type { Decision, RuleView } from 'headgate'

const FIELDS = 13
const VIEW_FIELDS = 7

/** Whether a decision has the usual fields alone, as {@link decisionText} writes them; that of a credit has more. */
export function isUsual(decision: Decision): boolean {
  if (Object.keys(decision).length !== FIELDS) return false
  for (const view of decision.rules) if (Object.keys(view).length !== VIEW_FIELDS) return false
  return true
}

/**
 * A usual decision as JSON with the text of its receipt and, for a denial, its id: what `JSON.stringify` writes, in less than half
 * the time.
 */
export function decisionText(decision: Decision, receipt: string | null, id: string | null): string {
  const { allowed, reason, source, policy, rule, limit, remaining, cost } = decision
  const { retryAfterMs, resetAfterMs, rules, shadow } = decision
  const outcome = `{"allowed":${allowed},"reason":"${reason}","source":"${source}"`
  const binding = `"policy":${nameText(policy)},"rule":${nameText(rule)}`
  const units = `"limit":${numberText(limit)},"remaining":${numberText(remaining)},"cost":${numberText(cost)}`
  const waits = `"retryAfterMs":${numberText(retryAfterMs)},"resetAfterMs":${numberText(resetAfterMs)}`
  const views = `"rules":[${viewTexts(rules)}],"shadow":${shadow.length === 0 ? '[]' : JSON.stringify(shadow)}`
  const sealed = `"receipt":${receipt === null ? 'null' : `"${receipt}"`}`
  const end = id === null ? '}' : `,"id":${JSON.stringify(id)}}`
  return `${outcome},${binding},${units},${waits},${views},${sealed}${end}`
}

function viewTexts(rules: readonly RuleView[]): string {
  let text = ''
  for (const view of rules) {
    const waits = `"retryAfterMs":${numberText(view.retryAfterMs)},"resetAfterMs":${numberText(view.resetAfterMs)}`
    text += `${text === '' ? '' : ','}${nameOfView(view)}${numberText(view.remaining)},${waits}}`
  }
  return text
}

/** What is the same in all views of one rule, up to its first number that changes. */
interface KnownRule {
  readonly policy: string
  readonly rule: string
  readonly limit: number
  readonly text: string
}

/** By the rate, which is one object for each rule of a policy. */
const known = new WeakMap<RuleView['rate'], KnownRule>()

function nameOfView({ policy, rule, limit, rate }: RuleView): string {
  const found = known.get(rate)
  if (found !== undefined && found.policy === policy && found.rule === rule && found.limit === limit) {
    return found.text
  }
  const text = `${JSON.stringify({ policy, rule, limit, rate }).slice(0, -1)},"remaining":`
  if (Object.isFrozen(rate)) known.set(rate, { policy, rule, limit, text })
  return text
}

/** Names of policies and rules, of which there are few: the last of them are kept. */
const names = new Map<string, string>()
const NAMES_MAX = 1000

function nameText(name: string | null): string {
  if (name === null) return 'null'
  const found = names.get(name)
  if (found !== undefined) return found
  if (names.size >= NAMES_MAX) names.clear()
  const text = JSON.stringify(name)
  names.set(name, text)
  return text
}

function numberText(number: number | null): string {
  return number === null || !Number.isFinite(number) ? 'null' : String(number)
}
