import { files } from '../scripts.gen.ts'
import { type CustomScript, type Preamble, type Script, scriptOf, serverTime } from '../scripts.ts'
import type { Shape, ShapeRule } from '../shape.ts'
import {
  acquireBlock,
  consumeBlock,
  creditBlock,
  judgeBlock,
  refundBlock,
  replyBlock,
  restoreBlock,
  spendBlock,
} from './decide.ts'
import { formatBlock, loadBlock } from './load.ts'
import { frontRules, type RequestText, VERBS } from './request-text.ts'
import { RuleText } from './rule-text.ts'
import { writeBlock } from './write.ts'

/**
 * In place of a decision: the caller's calendar edges did not contain the server's now. No state makes such a number, and
 * every client reads it as it is, unlike those next to 2^53.
 */
export const EDGES_NEEDED = -6755399441055744
/** In place of a rule's first number: five other windows of its name have not recovered; the second says when one has. */
export const FULL = -6755399441055743

/** Most names that a script holds side by side; Lua 5.1 allows 200 in a function. */
const NAMES_MAX = 128

/** Composes the script of a shape from fragments: no number of a rule and no value of a request becomes part of it. */
export function compileScript(
  shape: Shape,
  custom: readonly CustomScript[],
  from: Preamble = serverTime,
): Script {
  let number = 0
  const requests = shape.requests.map((rules) => rules.map((rule) => new RuleText(rule, ++number)))
  const rules = requests.flat()
  const decide = isKeyed(shape) ? oneRequest(rules) : severalRequests(requests)
  const text = `-- headgate decide: ${shape.name}
${functionsOf(rules, custom)}${from.text}${PROLOGUE}${isKeyed(shape) ? '' : files.adopt}local FULL = ${FULL}
${START}${decide}reply[2] = unrecognized
return reply
`
  return scriptOf(text)
}

/** Whether a script of the shape takes decisions key by key, with all that a rule has in local variables. */
export function isKeyed({ requests }: Shape): boolean {
  const [rules = []] = requests
  const names = rules.reduce((sum, rule) => sum + namesOf(rule), 0)
  return requests.length === 1 && names <= NAMES_MAX
}

function namesOf(shape: ShapeRule): number {
  const { fields, terms } = new RuleText(shape, 1)
  // Its text with and without what closes a record, wait, what it gave and what stood before a peek; list, format and function of a custom algorithm.
  return fields.length + terms.length + 5 + (shape.custom ? 3 : 0)
}

/** Before all names of ours, so that Lua of users finds none of them. */
function functionsOf(rules: readonly RuleText[], custom: readonly CustomScript[]): string {
  const functions = customKinds(rules).map((kind) => custom.find((one) => one.kind === kind)?.lua.trim())
  return functions.length === 0 ? '' : `local functions = {\n${functions.join('\n,\n')}\n}\n`
}

function customKinds(rules: readonly RuleText[]): string[] {
  return [...new Set(rules.filter(({ shape }) => shape.custom).map(({ shape }) => shape.kind))]
}

// Only what every decision uses: looking a name up takes time in every call.
const PROLOGUE = `local call, pack, unpack_numbers = redis.call, struct.pack, struct.unpack
`

// ARGV[1], head: a number for records that begin, how many keys are no marks of refunds, what the stream says; then for
// each run of decisions on the same budgets how many keys it has (and, unless keyed, decisions), and of each budget how
// many identities are in force, their ids, and the terms of its rules. Then the identities of all rules as texts. Last,
// unless each key is asked for one unit, the stream: for each key how many decisions, and for each what it asks for.
const START = `local head, stream, verbs = ARGV[1], false, false
local birth, mark, detail, from = unpack_numbers('<ddd', head)
if detail > 0 then stream, verbs = ARGV[#ARGV], detail == 2 end
local reply, n, unrecognized = { now, 0 }, 2, 0
local k, c, a = 0, 1, 1
while from <= #head do
`

/** Reads the ids of identities in force. */
const FORCE = `local forced, force
forced, from = unpack_numbers('<d', head, from)
force, from = string.sub(head, from, from + 8 * forced - 1), from + 8 * forced
`

/** What a custom algorithm needs beside its terms: these as a list, the format of its state, and its function. */
function customNames(rule: RuleText, rules: readonly RuleText[]): string {
  if (!rule.shape.custom) return ''
  const place = customKinds(rules).indexOf(rule.shape.kind) + 1
  const terms = Array.from({ length: rule.shape.moreTerms }, (_, i) => `$term${i + 1}`).join(', ')
  return rule.named(
    `local $list, $format, $run = { ${terms} }, '<${'d'.repeat(rule.shape.words)}', functions[${place}]\n`,
  )
}

function outside(rules: readonly RuleText[], bind: (rule: RuleText) => string): string {
  const checks = rules
    .filter((rule) => rule.has('outside'))
    .map((rule) => `do\n${bind(rule)}if ${rule.text('outside')} then outside = true end\nend\n`)
  return checks.length === 0 ? '' : `local outside = false\n${checks.join('')}`
}

/** Decisions of one request, key by key: what a rule has lies in local variables. */
function oneRequest(rules: readonly RuleText[]): string {
  const known = (rule: RuleText): string => rule.list(['id', 'text', 'call'])
  const request: RequestText = { rules, bind: () => '', keep: () => '', known }
  const format = `<${rules.map(({ terms }) => 'd'.repeat(terms.length)).join('')}`
  const terms = rules.map((rule) => rule.list(rule.terms)).join(', ')
  const texts = rules.map((rule) => rule.list(['text'])).join(', ')
  const places = rules.map((_, i) => `ARGV[a + ${i + 1}]`).join(', ')
  const outsideText = outside(rules, request.bind)
  return `local keys, forced, force, ${terms}
keys, forced, from = unpack_numbers('<dd', head, from)
if forced > 0 then force, from = string.sub(head, from, from + 8 * forced - 1), from + 8 * forced end
${terms}, from = unpack_numbers('${format}', head, from)
local ${texts} = ${places}
a = a + ${rules.length}
${rules.map((rule) => customNames(rule, rules)).join('')}${outsideText}${formatBlock(frontRules(request))}local values = call('MGET', unpack(KEYS, k + 1, k + keys))
for i = 1, keys do
local key, raw = KEYS[k + i], values[i]
local whole, future, full, dirty, together, expires = false, false, false, false, false, 0
local ${rules.map((rule) => rule.list([...rule.fields, 'wait', 'given', 'before'])).join(', ')}
${loadBlock(request, files.adopt)}local count, verb, cost = 1, ${VERBS.consume}, 1
if stream then count, c = unpack_numbers('<d', stream, c) end
for _ = 1, count do
if verbs then verb, cost, c = unpack_numbers('<dd', stream, c)
elseif stream then cost, c = unpack_numbers('<d', stream, c) end
${outsideText === '' ? '' : `if outside then\n${skipBlock(rules)}else`}if verb == ${VERBS.consume} and not full then
${consumeBlock(request)}elseif verb == ${VERBS.refund} then
${refundBlock(request)}else
local passes, judged = true, verb ~= ${VERBS.charge} and verb ~= ${VERBS.credit}
if verb == ${VERBS.acquire} then
${acquireBlock(request)}end
${judgeBlock(request)}if verb == ${VERBS.credit} then
${creditBlock(request)}elseif passes and cost > 0 then
if verb ~= ${VERBS.peek} then dirty = true end
${spendBlock(request)}end
if future and verb ~= ${VERBS.peek} then dirty = true end
${replyBlock(request)}${restoreBlock(request)}if verb == ${VERBS.acquire} then
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

/** Answers one number, and passes over what the stream says of the decision. */
function skipBlock(rules: readonly RuleText[]): string {
  return `if verb == ${VERBS.acquire} then c = c + 8 end
if verb == ${VERBS.refund} then
c, mark = c + ${8 + 40 * rules.length}, mark + 1
end
n = n + 1
reply[n] = ${EDGES_NEEDED}
`
}

/** Decisions of several requests, or of very many rules: what a rule has lies in tables, one a key and rule. */
function severalRequests(requests: readonly (readonly RuleText[])[]): string {
  const rules = requests.flat()
  const bindTerms = (rule: RuleText): string =>
    rule.named(
      `local ${rule.list([...rule.terms, 'text'])} = unpack(terms[${rule.number}], 1, ${rule.terms.length + 1})\n${customNames(rule, rules)}`,
    )
  const texts = requests.map((own): RequestText => {
    const names = (rule: RuleText): string[] => [...rule.fields, 'wait', 'given', 'before']
    return {
      rules: own,
      bind: (rule) =>
        `${bindTerms(rule)}local ${rule.list(names(rule))} = unpack(held[${rule.number}], 1, ${names(rule).length})\n`,
      keep: (rule) => `held[${rule.number}] = { ${rule.list(names(rule))} }\n`,
      known: ({ number, terms }) =>
        `terms[${number}][1], terms[${number}][${terms.length + 1}], terms[${number}][2]`,
    }
  })
  const read = rules.map((rule) => {
    const count = rule.terms.length
    return `terms[${rule.number}] = { unpack_numbers('<${'d'.repeat(count)}', head, from) }
from = from + ${8 * count}
terms[${rule.number}][${count + 1}] = ARGV[a + 1]
a = a + 1
`
  })
  const fresh = (own: readonly RuleText[]): string =>
    own
      .map(
        (rule) =>
          `held[${rule.number}] = { ${[...rule.fields, 'wait', 'given', 'before'].map(() => 'false').join(', ')} }\n`,
      )
      .join('')
  const enter = `local held = keep[at]
local key, raw, whole, future, full, dirty = KEYS[k + at], held.raw, held.whole, held.future, held.full, held.dirty
`
  const leave = 'held.dirty = dirty\n'
  const loads = texts.map(
    (text, j) => `local at = places[${j + 1}]
if not keep[at] then
local held = { request = ${j + 1} }
keep[at] = held
local key, raw, force = KEYS[k + at], values[at], forces[${j + 1}]
local whole, future, full, expires = false, false, false, 0
${fresh(text.rules)}${loadBlock(text)}held.raw, held.whole, held.future, held.full, held.expires, held.dirty = raw, whole, future, full, expires, false
end
`,
  )
  const each = (block: (text: RequestText) => string): string =>
    texts
      .map(
        (text, j) =>
          `do\nlocal at, cost = places[${j + 1}], costs[${j + 1}]\n${enter}${block(text)}${leave}end\n`,
      )
      .join('')
  const single = requests.length === 1
  const [first] = texts as [RequestText]
  const outsideText = outside(rules, bindTerms)
  return `local keys, count
keys, count, from = unpack_numbers('<dd', head, from)
local terms, forces, keep = {}, {}, {}
${requests.map((own, j) => `do\n${FORCE}forces[${j + 1}] = force\nend\n${own.map((rule) => read[rule.number - 1]).join('')}`).join('')}${outsideText}local values = call('MGET', unpack(KEYS, k + 1, k + keys))
for _ = 1, count do
local verb, places, costs = ${VERBS.consume}, {}, {}
if verbs then verb, c = unpack_numbers('<d', stream, c) end
for j = 1, ${requests.length} do
places[j], costs[j], c = unpack_numbers('<dd', stream, c)
end
${outsideText === '' ? '' : `if outside then\n${skipBlock(rules)}else\n`}${loads.map((load) => `do\n${load}end\n`).join('')}${
  single
    ? `if verb == ${VERBS.refund} then
local at, cost = places[1], costs[1]
${enter}${refundBlock(first)}${leave}end
if verb == ${VERBS.acquire} then
local at, cost = places[1], costs[1]
${enter}${acquireBlock(first)}costs[1] = cost
end
`
    : ''
}if verb ~= ${VERBS.refund} then
local passes, judged = true, verb ~= ${VERBS.charge} and verb ~= ${VERBS.credit}
${each(judgeBlock)}${each(
  (text) => `if verb == ${VERBS.credit} then
${creditBlock(text)}elseif passes and cost > 0 then
if verb ~= ${VERBS.peek} then dirty = true end
${spendBlock(text)}end
if future and verb ~= ${VERBS.peek} then dirty = true end
${replyBlock(text)}${restoreBlock(text)}`,
)}if verb == ${VERBS.acquire} then
n = n + 1
reply[n] = passes and costs[1] or 0
end
end
${outsideText === '' ? '' : 'end\n'}end
for at = 1, keys do
local held = keep[at]
if held and held.dirty then
local key, raw, whole, expires = KEYS[k + at], held.raw, held.whole, held.expires
${texts.map((text, j) => `${j === 0 ? 'if' : 'elseif'} held.request == ${j + 1} then\n${writeBlock(text)}`).join('')}end
end
end
k = k + keys
end
`
}
