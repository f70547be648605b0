import type { AccessList, Attributes, Match, PolicyOptions } from 'headgate'
import { compilePatterns } from 'headgate/policies'
import type { Gates } from '../gates.ts'
import { type AskedPattern, isOneValue } from './asked-patterns.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { RecordQuestion } from './record-format.ts'
import { isMade, isPlain, type RecordPlan } from './record-plan.ts'

/** Most questions of a recording, of which a line has the answers: those that a longer list asks are left out. */
const QUESTIONS_MAX = 2000

/** What questions are made of. */
interface QuestionParts {
  readonly gates: Pick<Gates, 'policies' | 'lists'>
  readonly plan: RecordPlan
  readonly pseudonyms: Pseudonyms
}

/** What policies and lists ask of attributes that are hashed, and the answers of requests. */
export class RecordQuestions {
  readonly questions: readonly RecordQuestion[]
  readonly #askers: readonly ((attributes: Attributes) => readonly number[])[]

  constructor({ gates, plan, pseudonyms }: QuestionParts) {
    const asked = askedIn(gates, plan)
      .slice(0, QUESTIONS_MAX)
      .map((one) => ({ ...one, hash: pseudonyms.ofPattern(one) }))
      // The order of the configuration would say which one is which.
      .sort((a, b) => (a.hash < b.hash ? -1 : 1))
    this.questions = asked.map(({ attribute, hash }) => ({ attribute, hash }))
    const attributes = new Set(asked.map(({ attribute }) => attribute))
    this.#askers = Array.from(attributes, (attribute) => askerOf(attribute, asked))
  }

  /** Which are answered yes, by index. */
  answers(attributes: Attributes): number[] {
    return this.#askers.flatMap((ask) => {
      try {
        return ask(attributes)
      } catch {
        // What no policy could read fits none of them.
        return []
      }
    })
  }
}

function askerOf(
  attribute: string,
  asked: readonly AskedPattern[],
): (attributes: Attributes) => readonly number[] {
  const indexes = asked.flatMap((one, i) => (one.attribute === attribute ? [i] : []))
  const fitting = compilePatterns(
    attribute,
    indexes.map((i) => (asked[i] as AskedPattern).pattern),
  )
  return (attributes) => fitting(attributes).map((place) => indexes[place] as number)
}

/** Each once. That there is a value at all can be seen; entries of descriptors that are hashed are not played. */
function askedIn({ policies, lists }: QuestionParts['gates'], plan: RecordPlan): AskedPattern[] {
  const asked = matchesOf(policies, lists).flatMap((match) =>
    Object.entries(match)
      .filter(([attribute]) => attribute !== 'descriptor' && !isPlain(plan, attribute) && !isMade(attribute))
      .flatMap(([attribute, patterns]) =>
        [patterns].flat().map((pattern) => ({ attribute, pattern: String(pattern) })),
      ),
  )
  const hidden = asked.filter((one) => one.pattern !== '*' && !isOneValue(one))
  return [...new Map(hidden.map((one) => [`${one.attribute}\0${one.pattern}`, one])).values()]
}

function matchesOf(policies: readonly PolicyOptions[], { allow, deny }: Gates['lists']): Match[] {
  const ofPolicies = policies.flatMap(({ match, overrides = [] }) => [
    ...(match === undefined ? [] : [match]),
    ...overrides.map((override) => override.match),
  ])
  return [...ofPolicies, ...matchesIn(allow), ...matchesIn(deny)]
}

function matchesIn(list: AccessList): readonly Match[] {
  return Array.isArray(list) ? list : [list as Match]
}
