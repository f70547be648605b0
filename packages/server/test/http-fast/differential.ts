/** One case: the fast path, and what Node says to the same octets. */
import type { Random } from '../../../limiter/test/parity/random.ts'
import { exchange, type Patience, type Seen } from './differential-exchange.ts'
import { answersIn, type Played, RULES } from './differential-rules.ts'
import { type Case, caseOf } from './differential-script.ts'
import type { Servers } from './differential-servers.ts'

/** How a case was judged. */
export interface Verdict {
  /** The rule by which it is right; null where none says so. */
  readonly rule: string | null
  /** How many of its requests the fast path answered. */
  readonly answered: number
  readonly requests: number
  /** What is wrong, for a person; null where nothing is. */
  readonly fault: string | null
}

/** Plays a random case; a difference is believed when it is seen with patience as well. */
export async function judge(servers: Servers, random: Random): Promise<Verdict> {
  const any = caseOf(random)
  // An end over TLS is one of both sides: Node answers nothing then, here as there.
  const one = servers.fast.isSecure ? { ...any, script: { ...any.script, endsEarly: false } } : any
  const verdict = await judgeCase(servers, one, 6)
  return verdict.fault === null ? verdict : judgeCase(servers, one, 100)
}

async function judgeCase(servers: Servers, one: Case, patience: Patience): Promise<Verdict> {
  const { counts } = servers.fast
  const before = { ...counts }
  const seen = await exchange(servers.fast, one.script, patience)
  const answered = counts.answered - before.answered
  const wasHandedOver = counts.handedOver > before.handedOver
  const played: Played = { one, servers, answered, wasHandedOver, patience, seen }
  const tried: string[] = []
  const common = { answered, requests: one.requests.length }
  const wrong = wrongCount(answered, { one, seen })
  if (wrong !== null) return { ...common, rule: null, fault: `${wrong}\n${described(one)}` }
  for (const rule of RULES.filter(({ applies }) => applies(played))) {
    const expected = await rule.expected(played)
    if (alike(seen, expected, played)) return { ...common, rule: rule.name, fault: null }
    tried.push(`by ${rule.name} (${rule.why}):\n${shown(expected)}`)
  }
  return { ...common, rule: null, fault: [described(one), `seen:\n${shown(seen)}`, ...tried].join('\n') }
}

/** What must be fast is fast, what is foreign is not, and no answer is lost; but a reset by Node may overtake some (D3). */
function wrongCount(answered: number, { one, seen }: { one: Case; seen: Seen }): string | null {
  const { min, max } = one.fast
  if (answered < min || answered > max)
    return `${answered} answers on the fast path; expected ${min} to ${max}`
  const { length } = answersIn(seen)
  return length < answered && seen.end !== 'reset' ? `${length} answers came of ${answered}` : null
}

/**
 * A client that ends at once cannot tell what came before its end. And where Node ends a connection, octets that it has not read
 * make a reset of it (D3), which may overtake the end of a large answer: that depends on when it looks.
 */
function alike(a: Seen, b: Seen, { one, wasHandedOver }: Played): boolean {
  const endOf = (state: Seen['state']): Seen['state'] =>
    wasHandedOver && state === 'reset' ? 'ended' : state
  if (endOf(a.end) !== endOf(b.end)) return false
  if (one.script.endsEarly) return a.said + a.last === b.said + b.last
  const isCut = wasHandedOver && a.state === 'reset' && b.said.startsWith(a.said)
  return (isCut || a.said === b.said) && a.last === b.last && endOf(a.state) === endOf(b.state)
}

function described({ requests, script }: Case): string {
  const lines = requests.map(
    ({ about, expected, octets }) => `${about} (${expected}): ${shortened(octets.toString('latin1'))}`,
  )
  const pieces = script.pieces.map(({ octets, pause }) => `${octets.length} then ${pause}`).join(', ')
  return `${lines.join('\n')}\nin pieces ${shortened(pieces)}${script.endsEarly ? ', and ends' : ''}`
}

function shown({ said, state, last, end }: Seen): string {
  return `${shortened(said)} ${state}; then ${shortened(last)} ${end}`
}

const SHOWN_MAX = 1500

function shortened(text: string): string {
  const quoted = JSON.stringify(text)
  return quoted.length <= SHOWN_MAX ? quoted : `${quoted.slice(0, SHOWN_MAX)}… (${text.length})`
}
