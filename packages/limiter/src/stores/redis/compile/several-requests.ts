import {
  acquireBlock,
  creditBlock,
  declareText,
  judgeBlock,
  refundBlock,
  replyBlock,
  restoreBlock,
  spendBlock,
} from './decide.ts'
import { loadBlock } from './load.ts'
import { type RequestText, VERBS } from './request-text.ts'
import type { RuleText } from './rule-text.ts'
import { customLocals, ENFORCED, outside, skipBlock, togetherOf, variablesOf } from './script-parts.ts'
import {
  barBlock,
  noteSpendBlock,
  offendBlock,
  readBansBlock,
  replyBarredBlock,
  standingCall,
} from './standing-block.ts'
import { writeBlock } from './write.ts'

/** Reads the ids of the other identities in force. */
const IN_FORCE = `local in_force_count, in_force
in_force_count, header_at = unpack_numbers('<d', header, header_at)
in_force, header_at = string.sub(header, header_at, header_at + 8 * in_force_count - 1), header_at + 8 * in_force_count
`

/**
 * Decisions of several requests, or of very many rules, one after another: state is in tables, one per key and rule.
 */
export function severalRequests(
  requests: readonly (readonly RuleText[])[],
  bans: readonly boolean[],
): string {
  const rules = requests.flat()
  const bindTerms = (rule: RuleText): string =>
    rule.named(
      `local ${rule.list([...rule.terms, 'text'])} = unpack(terms[${rule.number}], 1, ${rule.terms.length + 1})\n${customLocals(rule, rules)}`,
    )
  const texts = requests.map((own, j): RequestText => {
    return {
      rules: own,
      bans: bans[j] === true,
      together: togetherOf(own, j + 1),
      standing: standingCall,
      bind: (rule) =>
        `${bindTerms(rule)}local ${rule.list(variablesOf(rule))} = unpack(key_state[${rule.number}], 1, ${variablesOf(rule).length})\n`,
      save: (rule) => `key_state[${rule.number}] = { ${rule.list(variablesOf(rule))} }\n`,
      identity: ({ number, terms }) =>
        `terms[${number}][1], terms[${number}][${terms.length + 1}], terms[${number}][2]`,
    }
  })
  const read = rules.map((rule) => {
    const count = rule.terms.length
    return `terms[${rule.number}] = { unpack_numbers('<${'d'.repeat(count)}', header, header_at) }
header_at = header_at + ${8 * count}
terms[${rule.number}][${count + 1}] = ARGV[arg + 1]
arg = arg + 1
`
  })
  const fresh = (own: readonly RuleText[]): string =>
    own
      .map(
        (rule) =>
          `key_state[${rule.number}] = { ${variablesOf(rule)
            .map(() => 'false')
            .join(', ')} }\n`,
      )
      .join('')
  const enter = `local key_state = states[at]
local key, raw, adopted, future, full_until, dirty, standing = KEYS[k + at], key_state.raw, key_state.adopted, key_state.future, key_state.full_until, key_state.dirty, key_state.standing
`
  const leave = 'key_state.dirty, key_state.standing = dirty, standing\n'
  const loads = texts.map(
    (text, j) => `local at = positions[${j + 1}]
if not states[at] then
local key_state = { request = ${j + 1} }
states[at] = key_state
local key, raw, in_force = KEYS[k + at], values[at], in_force_of[${j + 1}]
local adopted, future, full_until, standing, expires = false, false, false, false, 0
${fresh(text.rules)}${loadBlock(text)}key_state.raw, key_state.adopted, key_state.future, key_state.full_until, key_state.expires, key_state.dirty, key_state.standing = raw, adopted, future, full_until, expires, false, standing
end
`,
  )
  const each = (block: (text: RequestText, held: string) => string): string =>
    texts
      .map(
        (text, j) =>
          `do\nlocal at, cost${text.bans ? ', bans' : ''} = positions[${j + 1}], costs[${j + 1}]${text.bans ? `, bans_of[${j + 1}]` : ''}\n${enter}${block(text, `held[${j + 1}]`)}${leave}end\n`,
      )
      .join('')
  const single = requests.length === 1
  const [first] = texts as [RequestText]
  const outsideText = outside(rules, bindTerms)
  return `local keys, count
keys, count, header_at = unpack_numbers('<dd', header, header_at)
local terms, in_force_of, bans_of, states = {}, {}, {}, {}
${requests.map((own, j) => `do\n${IN_FORCE}in_force_of[${j + 1}] = in_force\nend\n${readBansBlock(bans[j] === true, `bans_of[${j + 1}]`)}${own.map((rule) => read[rule.number - 1]).join('')}`).join('')}${outsideText}local values = call('MGET', unpack(KEYS, k + 1, k + keys))
for _ = 1, count do
local verb, positions, costs = ${VERBS.consume}, {}, {}
if verbs then verb, body_at = unpack_numbers('<d', body, body_at) end
for j = 1, ${requests.length} do
positions[j], costs[j], body_at = unpack_numbers('<dd', body, body_at)
end
${outsideText === '' ? '' : `if outside then\n${skipBlock(rules)}else\n`}${loads.map((load) => `do\n${load}end\n`).join('')}${
  single
    ? `if verb == ${VERBS.refund} then
local at, cost = positions[1], costs[1]
${enter}${refundBlock(first)}${leave}end
if verb == ${VERBS.acquire} then
local at, cost = positions[1], costs[1]
${enter}${acquireBlock(first)}costs[1] = cost
end
`
    : ''
}if verb ~= ${VERBS.refund} then
${declareText(texts, { ...ENFORCED, held: '{}' })}${each((text, held) => `${judgeBlock(text)}${barBlock(text, held)}`)}${each(
  (text, held) => `${offendBlock(text, held)}if verb == ${VERBS.credit} then
${creditBlock(text)}elseif passes and cost > 0 then
${spendBlock(text, held)}${noteSpendBlock(text)}end
if future and verb ~= ${VERBS.peek} then dirty = true end
${replyBarredBlock(held)}${replyBlock(text)}${restoreBlock(text)}`,
)}if verb == ${VERBS.acquire} then
n = n + 1
reply[n] = passes and costs[1] or 0
end
end
${outsideText === '' ? '' : 'end\n'}end
for at = 1, keys do
local key_state = states[at]
if key_state and key_state.dirty then
local key, raw, adopted, expires, standing = KEYS[k + at], key_state.raw, key_state.adopted, key_state.expires, key_state.standing
${texts.map((text, j) => `${j === 0 ? 'if' : 'elseif'} key_state.request == ${j + 1} then\n${writeBlock(text)}`).join('')}end
end
end
k = k + keys
end
`
}
