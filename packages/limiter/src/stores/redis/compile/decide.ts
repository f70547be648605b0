import { type RequestText, VERBS } from './request-text.ts'
import type { RuleText } from './rule-text.ts'

/** Sets the `wait` of every rule, and `passes`. `enforced` is false for verbs that limits do not stop. */
export function judgeBlock({ rules, bind, save }: RequestText): string {
  return rules
    .map((rule, i) =>
      rule.named(`do
${bind(rule)}$wait = 0
if enforced then
${waitText(rule)}end
if full_until and full_until[${i + 1}] then passes = false end
${save(rule)}end
`),
    )
    .join('')
}

function waitText(rule: RuleText): string {
  return `${rule.text('judge')}
if not (${rule.text('fits')}) then
${rule.has('judge') ? '' : rule.named('$wait = 1\n')}${rule.block('wait')}passes = false
end
`
}

/**
 * A consume with all variables in scope, the most common decision: the other blocks without their checks of the verb.
 */
export function consumeBlock({ rules }: RequestText): string {
  const each = (text: (rule: RuleText) => string): string =>
    rules.map((rule) => `do\n${text(rule)}end\n`).join('')
  return `local passes = true
${each((rule) => `${rule.named('$wait = 0\n')}${waitText(rule)}`)}if passes and cost > 0 then
dirty = true
${each(spendText)}end
if future then dirty = true end
${each(replyText)}`
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
 * Spends. A peek does too, since it reports what a spend would leave, after a snapshot that `restoreBlock` puts
 * back.
 */
export function spendBlock({ rules, bind, save }: RequestText): string {
  return rules
    .map((rule) =>
      rule.named(`do
${bind(rule)}if verb == ${VERBS.peek} then $snapshot = { ${rule.list(rule.fields)} } end
${spendText(rule)}${save(rule)}end
`),
    )
    .join('')
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

/** Refunds one spend, once, under every rule that still holds it; replies the least that a rule gave back. */
export function refundBlock({ rules, bind, save, standing }: RequestText): string {
  const receipt = ['incarnation_then', 'returned_then', 'credited_then', 'stood', 'since']
  // Read in each block anew: Lua 5.1 allows 200 locals in a function.
  const read = (rule: RuleText, i: number): string =>
    `local ${rule.list(receipt)} = unpack_numbers('<ddddd', body, receipts + ${40 * i})\n`
  const same = rules.map(
    (rule, i) =>
      `do\n${bind(rule)}${read(rule, i)}${rule.named('if $incarnation_then ~= 0 and $incarnation_then == $incarnation then any = true end\n')}end\n`,
  )
  const each = rules.map((rule, i) =>
    rule.named(`do
${read(rule, i)}if $incarnation_then ~= 0 then
${bind(rule)}$given = 0
if $incarnation_then == $incarnation then
${rule.text('refund')}
end
if not min_given or $given < min_given then min_given = $given end
${save(rule)}end
end
`),
  )
  return `local ends_at, undone_at, receipts, any, min_given
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
reply[n] = min_given or 0
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
