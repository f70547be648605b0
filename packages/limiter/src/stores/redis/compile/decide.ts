import { ADMITS, neededText, type RequestText, spendsText, VERBS } from './request-text.ts'
import type { RuleText } from './rule-text.ts'

/**
 * Sets the `wait` of every rule, and the variables that say whether rules pass. `enforced` is false for verbs that limits
 * do not stop.
 */
export function judgeBlock(request: RequestText): string {
  const { rules, bind, save } = request
  return rules
    .map((rule, i) =>
      rule.named(`do
${bind(rule)}$wait = 0
if enforced then
${waitText(request, rule)}end
${fullText(request, rule, i)}${save(rule)}end
`),
    )
    .join('')
}

function waitText({ together }: RequestText, rule: RuleText): string {
  return `${neededText(rule)}${rule.text('judge')}
if not (${rule.text('fits')}) then
${rule.has('judge') ? '' : rule.named('$wait = 1\n')}${rule.block('wait')}${rule.shape.role === 'alone' ? '' : `${together} = false\n`}end
`
}

/** A rule in shadow by itself never comes with a call, and so never is a window too many. */
function fullText({ together }: RequestText, rule: RuleText, i: number): string {
  if (rule.shape.role === 'alone') return ''
  return `if full_until and full_until[${i + 1}] then ${together} = false end\n`
}

/**
 * A consume with all variables in scope, the most common decision: the other blocks without their checks of the verb.
 */
export function consumeBlock(request: RequestText): string {
  const { rules } = request
  const each = (text: (rule: RuleText) => string): string =>
    rules.map((rule) => `do\n${text(rule)}end\n`).join('')
  return `${declareText([request])}${each((rule) => `${rule.named('$wait = 0\n')}${waitText(request, rule)}`)}if ${ADMITS} and cost > 0 then
${spendEach(request, spendText, { first: 'dirty = true\n' })}end
if future then dirty = true end
${each(replyText)}`
}

/** Declares the variables that say whether rules pass, of the decision and of each policy in shadow, and others. */
export function declareText(
  requests: readonly RequestText[],
  others: Readonly<Record<string, string>> = {},
): string {
  const inShadow = requests.filter(({ together }) => together !== ADMITS)
  const variables = {
    [ADMITS]: 'true',
    ...Object.fromEntries(inShadow.map(({ together }) => [together, 'true'])),
    ...others,
  }
  return `local ${Object.keys(variables).join(', ')} = ${Object.values(variables).join(', ')}\n`
}

/** What every rule that spends does, where the decision admits the request; `first` is done where any of them spends. */
function spendEach(
  request: RequestText,
  text: (rule: RuleText) => string,
  { first, held }: { readonly first: string; readonly held?: string },
): string {
  const { rules, together, bind } = request
  const isPlain = together === ADMITS && rules.every(({ shape }) => shape.role !== 'alone')
  if (isPlain) return `${first}${rules.map((rule) => `do\n${bind(rule)}${text(rule)}end\n`).join('')}`
  return rules
    .map((rule) => {
      return `do\n${bind(rule)}if ${spendsText(request, rule, held)} then\n${first}${text(rule)}end\nend\n`
    })
    .join('')
}

/** Lowers `cost` to the units that remain, but not below the minimum in the body. */
export function acquireBlock({ rules, bind }: RequestText): string {
  const each = rules.map(
    (rule) =>
      `do\n${bind(rule)}local left = ${rule.text('remaining')}\nif left < cost then cost = left end\nend\n`,
  )
  return `local min
min, body_at = unpack_numbers('<d', body, body_at)
${each.join('')}if cost < min then cost = min end
`
}

/**
 * Spends under the rules that pass. A peek does too, since it reports what a spend would leave, after a snapshot that
 * `restoreBlock` puts back.
 */
export function spendBlock(request: RequestText, held: string): string {
  const { save } = request
  const spend = (rule: RuleText): string =>
    rule.named(
      `if verb == ${VERBS.peek} then $snapshot = { ${rule.list(rule.fields)} } end
${spendText(rule)}${save(rule)}`,
    )
  return spendEach(request, spend, { first: `if verb ~= ${VERBS.peek} then dirty = true end\n`, held })
}

function spendText(rule: RuleText): string {
  return `${rule.named('if $incarnation == 0 then $incarnation, next_incarnation = next_incarnation + $call, next_incarnation + 2 end')}
${rule.text('spend')}
`
}

/** Undoes the spend of a peek. */
export function restoreBlock({ rules, bind, save }: RequestText): string {
  const each = rules.map((rule) =>
    rule.named(`do
${bind(rule)}if $snapshot then ${rule.list(rule.fields)} = unpack($snapshot, 1, ${rule.fields.length}) end
$snapshot = false
${save(rule)}end
`),
  )
  return `if verb == ${VERBS.peek} then
${each.join('')}end
`
}

/** Gives back what was spent last, and sets each rule's `given` to the units. */
export function creditBlock({ rules, bind, save }: RequestText): string {
  return rules
    .map((rule) =>
      rule.named(`do
${bind(rule)}$given = 0
if (raw or dirty) and cost > 0 then
if ${rule.text('has_usage')} then dirty = true end
${rule.text('credit')}
end
${save(rule)}end
`),
    )
    .join('')
}

/**
 * Refunds one spend, once, under every rule that still holds it; replies the least that a rule gave back. Rules in shadow
 * count only where no other rule was part of the spend.
 */
export function refundBlock({ rules, bind, save, standing }: RequestText): string {
  const receipt = ['incarnation_then', 'returned_then', 'credited_then', 'stood', 'since']
  // Read in each block anew: Lua 5.1 allows 200 locals in a function.
  const read = (rule: RuleText, i: number): string =>
    `local ${rule.list(receipt)} = unpack_numbers('<ddddd', body, receipts + ${40 * i})\n`
  const same = rules.map(
    (rule, i) =>
      `do\n${bind(rule)}${read(rule, i)}${rule.named('if $incarnation_then ~= 0 and $incarnation_then == $incarnation then any = true end\n')}end\n`,
  )
  const least = ({ shape }: RuleText): string => (shape.role === 'alone' ? 'min_in_shadow' : 'min_given')
  const inShadow = rules.some(({ shape }) => shape.role === 'alone') ? ['min_in_shadow'] : []
  const each = rules.map((rule, i) =>
    rule.named(`do
${read(rule, i)}if $incarnation_then ~= 0 then
${bind(rule)}$given = 0
if $incarnation_then == $incarnation then
${rule.text('refund')}
end
if not ${least(rule)} or $given < ${least(rule)} then ${least(rule)} = $given end
${save(rule)}end
end
`),
  )
  return `local ${['ends_at', 'undone_at', 'receipts', 'any', 'min_given', ...inShadow].join(', ')}
ends_at, undone_at, receipts = unpack_numbers('<dd', body, body_at)
body_at, refunded_key = receipts + ${40 * rules.length}, refunded_key + 1
if raw then
${same.join('')}end
if any and ends_at > now and call('SET', KEYS[refunded_key], '1', 'NX', 'PX', math.max(min_ttl, math.ceil((ends_at - now) / 1000))) then
dirty = true
if standing then
${standing('undo')}end
${each.join('')}end
n = n + 1
reply[n] = ${['min_given', ...inShadow, '0'].join(' or ')}
`
}

/** Appends to the reply the numbers from which the caller computes each rule's verdict. */
export function replyBlock({ rules, bind }: RequestText): string {
  return rules
    .map((rule, i) =>
      rule.named(`do
${bind(rule)}if full_until and full_until[${i + 1}] then
reply[n + 1], reply[n + 2] = FULL, full_until[${i + 1}]
for at = 3, ${sizeOf(rule)} do reply[n + at] = 0 end
n = n + ${sizeOf(rule)}
else
${replyText(rule)}end
if verb == ${VERBS.credit} then
n = n + 1
reply[n] = $given
end
end
`),
    )
    .join('')
}

function replyText(rule: RuleText): string {
  const targets = Array.from({ length: sizeOf(rule) }, (_, at) => `reply[n + ${at + 1}]`).join(', ')
  return `${targets} = ${rule.text('reply')}
n = n + ${sizeOf(rule)}
`
}

function sizeOf(rule: RuleText): number {
  return expressionCount(rule.text('reply'))
}

function expressionCount(list: string): number {
  let depth = 0
  let count = 1
  for (const char of list) {
    if ('({'.includes(char)) depth++
    else if (')}'.includes(char)) depth--
    else if (char === ',' && depth === 0) count++
  }
  return count
}
