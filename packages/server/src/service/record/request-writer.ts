import type { Attributes, DescriptorEntry, Who } from 'headgate'
import { type RequestReading, readRequest } from 'headgate/policies'
import { LIMIT_ATTRIBUTE } from '../envoy/limit-domains.ts'
import type { DecidedRequest } from '../events.ts'
import { GATE_ATTRIBUTE, outcomeOf } from '../gates.ts'
import type { ConfigurationInForce } from '../in-force.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { RecordedRequest } from './record-format.ts'
import { isMade, isPlain, type RecordPlan } from './record-plan.ts'
import { RecordQuestions } from './record-questions.ts'
import { descriptorText } from './recorded-attributes.ts'

type WrittenRequest = Pick<RecordedRequest, 'attributes' | 'policy' | 'answers'>

/** Writes requests under one configuration as a log has them. */
export class RequestWriter {
  /** Of the configuration. */
  readonly hash: string
  readonly #plan: RecordPlan
  readonly #pseudonyms: Pseudonyms
  readonly #questions: RecordQuestions

  constructor(
    { hash, gates }: Pick<ConfigurationInForce, 'hash' | 'gates'>,
    plan: RecordPlan,
    pseudonyms: Pseudonyms,
  ) {
    this.hash = hash
    this.#plan = plan
    this.#pseudonyms = pseudonyms
    this.#questions = new RecordQuestions({ gates, plan, pseudonyms })
  }

  get questions(): RecordQuestions['questions'] {
    return this.#questions.questions
  }

  /** Whose request it is, and what was asked. */
  write({ who, policy }: Pick<DecidedRequest, 'who' | 'policy'>): WrittenRequest {
    const reading = readRequest(who)
    const given: Attributes = typeof who === 'string' ? { key: who } : who
    const texts = Object.keys(given).flatMap((name) => {
      const text = this.#textOf(name, given, reading)
      return text === undefined ? [] : [[name, text] as const]
    })
    const answers = this.#questions.answers(given)
    const named = namedPolicy(given, policy)
    return {
      // An attribute of any name becomes a field of its own.
      attributes: Object.fromEntries(texts),
      ...(named !== undefined && { policy: named }),
      ...(answers.length > 0 && { answers }),
    }
  }

  #textOf(name: string, given: Attributes, reading: RequestReading): string | undefined {
    if (isMade(name) || name.startsWith('descriptor.')) return undefined
    try {
      const text = reading.text(name)
      if (text === undefined) return undefined
      if (name === 'descriptor') return this.#descriptorOf(given[name] as readonly DescriptorEntry[])
      if (isPlain(this.#plan, name)) return text
      if (this.#plan.costs.includes(name)) return /^\d{1,15}$/.test(text) ? text : undefined
      if (!this.#plan.hashed.includes(name)) return undefined
      return name === 'ip' ? this.#pseudonyms.ofAddress(reading) : this.#pseudonyms.of(name, text)
    } catch {
      // No policy has read it: it would have been refused.
      return undefined
    }
  }

  #descriptorOf(entries: readonly DescriptorEntry[]): string {
    return descriptorText(
      entries.map(({ key, value }) => {
        const name = `descriptor.${key}`
        const text = String(value)
        return { key, value: isPlain(this.#plan, name) ? text : this.#pseudonyms.of(name, text) }
      }),
    )
  }
}

/** The limit that was asked for by name: one of a tree is found by the descriptor again, one that is settled has its name in the gate. */
function namedPolicy(who: Attributes, policy: string | undefined): string | undefined {
  const gate = who[GATE_ATTRIBUTE]
  if (typeof gate === 'string') return outcomeOf(gate)
  return policy === who[LIMIT_ATTRIBUTE] ? undefined : policy
}

/** What values of an attribute are told apart by: as a key has it. Undefined where it is absent, or cannot be read. */
export function keyTextOf(who: Who, attribute: string): string | undefined {
  try {
    return readRequest(who).keyText(attribute)
  } catch {
    return undefined
  }
}
