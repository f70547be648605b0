import { files } from '../scripts.gen.ts'
import {
  acquireBlock,
  consumeBlock,
  creditBlock,
  declareText,
  judgeBlock,
  refundBlock,
  replyBlock,
  restoreBlock,
  spendBlock,
} from './decide.ts'
import { formatBlock, loadBlock } from './load.ts'
import { leadingRules, type RequestText, VERBS } from './request-text.ts'
import type { RuleText } from './rule-text.ts'
import { customLocals, ENFORCED, outside, skipBlock, togetherOf, variablesOf } from './script-parts.ts'
import {
  barBlock,
  noteSpendBlock,
  offendBlock,
  readBansBlock,
  replyBarredBlock,
  standingText,
} from './standing-block.ts'
import { writeBlock } from './write.ts'

/** Decisions of one request, key by key, with all state in local variables. */
export function oneRequest(rules: readonly RuleText[], bans: boolean): string {
  const identity = (rule: RuleText): string => rule.list(['id', 'text', 'call'])
  const request: RequestText = {
    rules,
    bans,
    together: togetherOf(rules, 1),
    bind: () => '',
    save: () => '',
    standing: standingText,
    identity,
  }
  const format = `<${rules.map(({ terms }) => 'd'.repeat(terms.length)).join('')}`
  const terms = rules.map((rule) => rule.list(rule.terms)).join(', ')
  const texts = rules.map((rule) => rule.list(['text'])).join(', ')
  const textArgs = rules.map((_, i) => `ARGV[arg + ${i + 1}]`).join(', ')
  const outsideText = outside(rules, request.bind)
  return `local keys, in_force_count, in_force, ${terms}
keys, in_force_count, header_at = unpack_numbers('<dd', header, header_at)
if in_force_count > 0 then
in_force, header_at = string.sub(header, header_at, header_at + 8 * in_force_count - 1), header_at + 8 * in_force_count
end
${bans ? 'local bans\n' : ''}${readBansBlock(bans, 'bans')}${terms}, header_at = unpack_numbers('${format}', header, header_at)
local ${texts} = ${textArgs}
arg = arg + ${rules.length}
${rules.map((rule) => customLocals(rule, rules)).join('')}${outsideText}${formatBlock(leadingRules(request))}local values = call('MGET', unpack(KEYS, k + 1, k + keys))
for i = 1, keys do
local key, raw = KEYS[k + i], values[i]
local adopted, future, full_until, dirty, contiguous, standing, expires = false, false, false, false, false, false, 0
local ${rules.map((rule) => rule.list(variablesOf(rule))).join(', ')}
${loadBlock(request, files.adopt)}local count, verb, cost = 1, ${VERBS.consume}, 1
if body then count, body_at = unpack_numbers('<d', body, body_at) end
for _ = 1, count do
if verbs then verb, cost, body_at = unpack_numbers('<dd', body, body_at)
elseif body then cost, body_at = unpack_numbers('<d', body, body_at) end
${outsideText === '' ? '' : `if outside then\n${skipBlock(rules)}else`}if ${
    bans
      ? ''
      : `verb == ${VERBS.consume} and not full_until and not standing then
${consumeBlock(request)}elseif `
  }verb == ${VERBS.refund} then
${refundBlock(request)}else
${declareText([request], ENFORCED)}if verb == ${VERBS.acquire} then
${acquireBlock(request)}end
local held
${judgeBlock(request)}${barBlock(request, 'held')}${offendBlock(request, 'held')}if verb == ${VERBS.credit} then
${creditBlock(request)}elseif passes and cost > 0 then
${spendBlock(request, 'held')}${noteSpendBlock(request)}end
if future and verb ~= ${VERBS.peek} then dirty = true end
${replyBarredBlock('held')}${replyBlock(request)}${restoreBlock(request)}if verb == ${VERBS.acquire} then
n = n + 1
reply[n] = passes and cost or 0
end
end
end
if dirty then
${writeBlock(request)}end
end
k = k + keys
end
`
}
