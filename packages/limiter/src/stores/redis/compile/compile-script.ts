import { files } from '../scripts.gen.ts'
import { type CustomScript, type Preamble, type Script, scriptOf, serverTime } from '../scripts.ts'
import type { Shape, ShapeRule } from '../shape.ts'
import { oneRequest } from './one-request.ts'
import { FULL } from './reply-marks.ts'
import { RuleText } from './rule-text.ts'
import { customKinds } from './script-parts.ts'
import { severalRequests } from './several-requests.ts'
import { STANDING_FUNCTIONS } from './standing-block.ts'

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
