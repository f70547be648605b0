import { type RequestText, VERBS } from './request-text.ts'
import type { RuleText } from './rule-text.ts'

/** Judges every rule: sets its `wait`, and `passes`. */
export function judgeBlock({ rules, bind, keep }: RequestText): string {
  return rules
    .map((rule, i) =>
      rule.named(`do
${bind(rule)}$wait = 0
if judged then
${waitText(rule)}end
if full and full[${i + 1}] then passes = false end
${keep(rule)}end
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
 * A consume in local variables, which most decisions are: what the other blocks do, without asking at each step whether it
 * is something else.
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

/** Lowers \`cost\` to what is left. */
export function acquireBlock({ rules, bind }: RequestText): string {
  const each = rules.map(
    (rule) =>
      `do\n${bind(rule)}local left = ${rule.text('left')}\nif left < cost then cost = left end\nend\n`,
  )
  return `local least
least, c = unpack_numbers('<d', stream, c)
${each.join('')}if cost < least then cost = least end
`
}

/** Spends; a peek is told what that would leave, and puts everything back once it is told. */
export function spendBlock({ rules, bind, keep }: RequestText): string {
  return rules
    .map((rule) =>
      rule.named(`do
${bind(rule)}if verb == ${VERBS.peek} then $before = { ${rule.list(rule.fields)} } end
${spendText(rule)}${keep(rule)}end
`),
    )
    .join('')
}

function spendText(rule: RuleText): string {
  return `${rule.named('if $incarnation == 0 then $incarnation, birth = birth + $call, birth + 2 end')}
${rule.text('spend')}
`
}

/** After a peek: everything as it was. */
export function restoreBlock({ rules, bind, keep }: RequestText): string {
  const each = rules.map((rule) =>
    rule.named(`do
${bind(rule)}if $before then ${rule.list(rule.fields)} = unpack($before, 1, ${rule.fields.length}) end
$before = false
${keep(rule)}end
`),
  )
  return `if verb == ${VERBS.peek} then
${each.join('')}end
`
}

/** Gives back what was spent last; what each rule gave stands in its \`given\`. */
export function creditBlock({ rules, bind, keep }: RequestText): string {
  return rules
    .map((rule) =>
      rule.named(`do
${bind(rule)}$given = 0
if (raw or dirty) and cost > 0 then
if ${rule.text('inuse')} then dirty = true end
${rule.text('credit')}
end
${keep(rule)}end
`),
    )
    .join('')
}

/** Takes one spend back, once: every rule that still holds it, and answers the least of what they gave. */
export function refundBlock({ rules, bind, keep }: RequestText): string {
  const receipt = ['then', 'returned_then', 'credited_then', 'stood', 'since']
  // Read where they are needed: a function holds only so many names.
  const read = (rule: RuleText, i: number): string =>
    `local ${rule.list(receipt)} = unpack_numbers('<ddddd', stream, receipts + ${40 * i})\n`
  const same = rules.map(
    (rule, i) =>
      `do\n${bind(rule)}${read(rule, i)}${rule.named('if $then ~= 0 and $then == $incarnation then any = true end\n')}end\n`,
  )
  const each = rules.map((rule, i) =>
    rule.named(`do
${read(rule, i)}if $then ~= 0 then
${bind(rule)}$given = 0
if $then == $incarnation then
${rule.text('refund')}
end
if not least or $given < least then least = $given end
${keep(rule)}end
end
`),
  )
  return `local stop, receipts, any, least
stop, receipts = unpack_numbers('<d', stream, c)
c, mark = receipts + ${40 * rules.length}, mark + 1
if raw then
${same.join('')}end
if any and stop > now and call('SET', KEYS[mark], '1', 'NX', 'PX', math.max(least_ttl, math.ceil((stop - now) / 1000))) then
dirty = true
${each.join('')}end
n = n + 1
reply[n] = least or 0
`
}

/** What the caller makes verdicts of. */
export function replyBlock({ rules, bind }: RequestText): string {
  return rules
    .map((rule, i) =>
      rule.named(`do
${bind(rule)}if full and full[${i + 1}] then
reply[n + 1], reply[n + 2] = FULL, full[${i + 1}]
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
  const places = Array.from({ length: sizeOf(rule) }, (_, at) => `reply[n + ${at + 1}]`).join(', ')
  return `${places} = ${rule.text('reply')}
n = n + ${sizeOf(rule)}
`
}

function sizeOf(rule: RuleText): number {
  return replySize(rule.text('reply'))
}

function replySize(list: string): number {
  let depth = 0
  let count = 1
  for (const char of list) {
    if ('({'.includes(char)) depth++
    else if (')}'.includes(char)) depth--
    else if (char === ',' && depth === 0) count++
  }
  return count
}
