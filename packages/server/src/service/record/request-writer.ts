import type { Attributes, DescriptorEntry, Who } from 'headgate'
import { listAttributes, policyAttributes, type RequestReading, readRequest } from 'headgate/policies'
import { isLimitAttribute, LIMIT_ATTRIBUTE } from '../envoy/limit-domains.ts'
import type { DecidedRequest } from '../events.ts'
import { GATE_ATTRIBUTE, outcomeOf } from '../gates.ts'
import type { ConfigurationInForce } from '../in-force.ts'
import { PlainAttributes } from './plain-attributes.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { RecordedRequest } from './record-format.ts'
import type { RecordOptions } from './record-options.ts'
import { RecordQuestions } from './record-questions.ts'
import { descriptorText } from './recorded-attributes.ts'

/** Most names of attributes that are hashed: each stands in the header. */
const NAMES_MAX = 256

/** Writes requests under one configuration as a log has them. */
export class RequestWriter {
  readonly hash: string
  readonly #pseudonyms: Pseudonyms
  readonly #plain: PlainAttributes
  readonly #questions: RecordQuestions
  readonly #hashed = new Set<string>()

  constructor(
    configuration: ConfigurationInForce,
    { hash }: Pick<RecordOptions, 'hash'>,
    pseudonyms: Pseudonyms,
  ) {
    this.hash = configuration.hash
    this.#pseudonyms = pseudonyms
    this.#plain = new PlainAttributes(configuration, hash)
    this.#questions = new RecordQuestions(configuration.gates, this.#plain)
    // Those that are known before anybody asks, so that the header need not change with the first requests.
    for (const name of [...hash, ...namesIn(configuration)]) {
      if (hash.includes(name) || !this.#plain.isPlainName(name)) this.#hashed.add(name)
    }
  }

  get questions(): RecordQuestions['questions'] {
    return this.#questions.questions
  }

  /** Names of attributes that were hashed so far, or are to be. */
  get hashed(): ReadonlySet<string> {
    return this.#hashed
  }

  /** Whose request it is and what was asked; null where it has too many attributes to be kept. */
  write({
    who,
    policy,
  }: Pick<DecidedRequest, 'who' | 'policy'>): Pick<
    RecordedRequest,
    'attributes' | 'policy' | 'answers'
  > | null {
    const reading = readRequest(who)
    const given: Attributes = typeof who === 'string' ? { key: who } : who
    const attributes: Record<string, string> = {}
    for (const name of Object.keys(given)) {
      const text = isOurs(name) ? undefined : this.#textOf(name, given, reading)
      // Not by an assignment, which would not make an attribute of `__proto__`.
      if (text !== undefined) Object.defineProperty(attributes, name, { value: text, enumerable: true })
    }
    if (this.#hashed.size > NAMES_MAX) return null
    const answers = this.#questions.answers(given)
    const named = namedPolicy(given, policy)
    return {
      attributes,
      ...(named !== undefined && { policy: named }),
      ...(answers.length > 0 && { answers }),
    }
  }

  #textOf(name: string, given: Attributes, reading: RequestReading): string | undefined {
    try {
      if (name === 'descriptor') {
        return reading.text(name) && this.#descriptorOf(given[name] as readonly DescriptorEntry[])
      }
      const text = reading.text(name)
      if (text === undefined || this.#plain.hasValue(name, text)) return text
      this.#hashed.add(name)
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
        if (this.#plain.has(name)) return { key, value }
        this.#hashed.add(name)
        return { key, value: this.#pseudonyms.of(name, String(value)) }
      }),
    )
  }
}

/** Attributes that a configuration names, and makes of requests. */
function namesIn({ policies, allow, deny, identity }: ConfigurationInForce): readonly string[] {
  const asked = policies.flatMap((policy) => [...policyAttributes(policy)])
  const listed = [allow, deny].flatMap((list) => [...listAttributes(list)])
  return [...asked, ...listed, ...Object.keys(identity?.attributes ?? {})].filter(
    (name) => !isOurs(name) && name !== 'descriptor',
  )
}

/** Attributes that the service has made of others, and makes anew; entries of a descriptor stand in it. */
function isOurs(name: string): boolean {
  return name === GATE_ATTRIBUTE || isLimitAttribute(name) || name.startsWith('descriptor.')
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
