import { files } from '../scripts.gen.ts'
import { type CustomScript, type Preamble, type Script, scriptOf, serverTime } from '../scripts.ts'
import type { Shape, ShapeRule } from '../shape.ts'
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
import { ADMITS, leadingRules, type RequestText, VERBS } from './request-text.ts'
import { RuleText } from './rule-text.ts'
import {
  barBlock,
  noteSpendBlock,
  offendBlock,
  readBansBlock,
  replyBarredBlock,
  STANDING_FUNCTIONS,
  standingCall,
  standingText,
} from './standing-block.ts'
import { writeBlock } from './write.ts'

/**
 * Reply in place of a decision: the server's time is outside the caller's calendar edges. No state yields this
 * number, and it is far enough from 2^53 that every client reads it exactly.
 */
export const EDGES_NEEDED = -6755399441055744
/**
 * Reply in place of a rule's first number: five other windows of its name hold state; the second is when one
 * recovers.
 */
export const FULL = -6755399441055743

/** Most local variables for rules; Lua 5.1 allows 200 locals in a function. */
const LOCALS_MAX = 128

/** Composes the script of a shape from fragments; it contains no number of a rule and no value of a request. */
export function compileScript(
  shape: Shape,
  custom: readonly CustomScript[],
  from: Preamble = serverTime,
): Script {
  let number = 0
  const requests = shape.requests.map((rules) => rules.map((rule) => new RuleText(rule, ++number)))
  const rules = requests.flat()
  const decide = isKeyed(shape)
    ? oneRequest(rules, shape.bans[0] === true)
    : severalRequests(requests, shape.bans)
  const text = `-- headgate decide: ${shape.name}
${functionsOf(rules, custom)}${from.text}${PROLOGUE}${isKeyed(shape) ? '' : files.adopt}local FULL = ${FULL}
${START}${isKeyed(shape) ? '' : STANDING_FUNCTIONS}while header_at <= #header do
${decide}reply[2] = unrecognized
return reply
`
  return scriptOf(text)
}

/**
 * Whether scripts of the shape work key by key, with the state of all rules in local variables: decisions of one
 * request with few enough rules. Other shapes keep state in tables, which is slower.
 */
export function isKeyed({ requests }: Shape): boolean {
  const [rules = []] = requests
  const locals = rules.reduce((sum, rule) => sum + localsOf(rule), 0)
  return requests.length === 1 && locals <= LOCALS_MAX
}

function localsOf(shape: ShapeRule): number {
  const { fields, terms } = new RuleText(shape, 1)
  // text, trailer, wait, given and snapshot; of a custom algorithm also list, format and run.
  return fields.length + terms.length + 5 + (shape.custom ? 3 : 0)
}

/** Users' functions come first in the script, so that they see none of its local variables. */
function functionsOf(rules: readonly RuleText[], custom: readonly CustomScript[]): string {
  const functions = customKinds(rules).map((kind) => custom.find((one) => one.kind === kind)?.lua.trim())
  return functions.length === 0 ? '' : `local functions = {\n${functions.join('\n,\n')}\n}\n`
}

function customKinds(rules: readonly RuleText[]): string[] {
  return [...new Set(rules.filter(({ shape }) => shape.custom).map(({ shape }) => shape.kind))]
}

// Only what every decision uses: each of these lookups costs time in every call.
const PROLOGUE = `local call, pack, unpack_numbers = redis.call, struct.pack, struct.unpack
`

// KEYS: the keys of all runs, then for each refund the key that records it as done.
// ARGV[1] is the header, numbers as doubles: the first incarnation for new records, how many keys precede the refunded
// keys, the format of the body; then for each run (decisions on the same budgets) its count of keys (and, unless keyed,
// of decisions), and for each budget the ids of other identities in force, the lengths of its bans, and the terms of its rules.
// ARGV[2…]: the identity texts of the rules of all runs.
// The last argument is the body, unless each key is asked for one unit: for each key its count of decisions, and for
// each decision what it asks for.
// While running, KEYS[k + 1] is the first key of the run, ARGV[arg] the last text read, reply[n] the last number.
const START = `local header, body, verbs = ARGV[1], false, false
local next_incarnation, refunded_key, body_format, header_at = unpack_numbers('<ddd', header)
if body_format > 0 then body, verbs = ARGV[#ARGV], body_format == 2 end
local reply, n, unrecognized = { now, 0 }, 2, 0
local k, body_at, arg = 0, 1, 1
`

/** Charges and credits do not ask whether rules pass. */
const ENFORCED = { enforced: `verb ~= ${VERBS.charge} and verb ~= ${VERBS.credit}` }

/** Reads the ids of the other identities in force. */
const IN_FORCE = `local in_force_count, in_force
in_force_count, header_at = unpack_numbers('<d', header, header_at)
in_force, header_at = string.sub(header, header_at, header_at + 8 * in_force_count - 1), header_at + 8 * in_force_count
`

/** The variables of a custom algorithm beside its terms: these as a list, the format of its state, and its function. */
function customLocals(rule: RuleText, rules: readonly RuleText[]): string {
  if (!rule.shape.custom) return ''
  const index = customKinds(rules).indexOf(rule.shape.kind) + 1
  const terms = Array.from({ length: rule.shape.moreTerms }, (_, i) => `$term${i + 1}`).join(', ')
  return rule.named(
    `local $list, $format, $run = { ${terms} }, '<${'d'.repeat(rule.shape.words)}', functions[${index}]\n`,
  )
}

/** Sets `outside`: whether the server's time is outside the calendar edges of a rule. */
function outside(rules: readonly RuleText[], bind: (rule: RuleText) => string): string {
  const checks = rules
    .filter((rule) => rule.has('outside'))
    .map((rule) => `do\n${bind(rule)}if ${rule.text('outside')} then outside = true end\nend\n`)
  return checks.length === 0 ? '' : `local outside = false\n${checks.join('')}`
}

/** Decisions of one request, key by key, with all state in local variables. */
function oneRequest(rules: readonly RuleText[], bans: boolean): string {
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

/** Replies that edges are needed, and skips what the body holds of the decision. */
function skipBlock(rules: readonly RuleText[]): string {
  return `if verb == ${VERBS.acquire} then body_at = body_at + 8 end
if verb == ${VERBS.refund} then
body_at, refunded_key = body_at + ${16 + 40 * rules.length}, refunded_key + 1
end
n = n + 1
reply[n] = ${EDGES_NEEDED}
`
}

/** See `RequestText.together`: of a policy in shadow it is a variable of its own, so that its rules deny nothing. */
function togetherOf(rules: readonly RuleText[], number: number): string {
  return rules.every(({ shape }) => shape.role !== 'enforced') ? `together_${number}` : ADMITS
}

/** Variables of a rule that change with each decision. */
function variablesOf({ fields }: RuleText): string[] {
  return [...fields, 'wait', 'given', 'snapshot']
}

/**
 * Decisions of several requests, or of very many rules, one after another: state is in tables, one per key and rule.
 */
function severalRequests(requests: readonly (readonly RuleText[])[], bans: readonly boolean[]): string {
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
