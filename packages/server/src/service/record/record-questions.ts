import type { AccessList, Attributes, Match, PolicyOptions } from 'headgate'
import { compilePatterns } from 'headgate/policies'
import type { Gates } from '../gates.ts'
import type { RecordQuestion } from './record-format.ts'
import { isMade, isPlain, type RecordPlan } from './record-plan.ts'

/** Most questions of a recording, of which a line has the answers: those that a longer list asks are left out. */
const QUESTIONS_MAX = 2000

/** What policies and lists ask of attributes that are hashed, and the answers of requests. */
export class RecordQuestions {
  readonly questions: readonly RecordQuestion[]
  readonly #askers: readonly ((attributes: Attributes) => readonly number[])[]

  constructor({ policies, lists }: Pick<Gates, 'policies' | 'lists'>, plan: RecordPlan) {
    const asked = new Map<string, Set<string>>()
    const ask = (attribute: string, patterns: unknown): void => {
      if (isPlain(plan, attribute) || isMade(attribute)) return
      const known = asked.get(attribute) ?? new Set()
      asked.set(attribute, known)
      for (const pattern of [patterns].flat()) known.add(String(pattern))
    }
    for (const match of matchesOf(policies, lists)) {
      for (const [attribute, patterns] of Object.entries(match)) {
        if (attribute === 'descriptor') askEntries(patterns, ask)
        else ask(attribute, patterns)
      }
    }
    const all = [...asked].flatMap(([attribute, patterns]) =>
      Array.from(patterns, (pattern) => ({ attribute, pattern })),
    )
    this.questions = all.slice(0, QUESTIONS_MAX)
    this.#askers = [...asked.keys()].map((attribute) => askerOf(attribute, this.questions))
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
  questions: readonly RecordQuestion[],
): (attributes: Attributes) => readonly number[] {
  const indexes = questions.flatMap((question, i) => (question.attribute === attribute ? [i] : []))
  const fitting = compilePatterns(
    attribute,
    indexes.map((i) => (questions[i] as RecordQuestion).pattern),
  )
  return (attributes) => fitting(attributes).map((place) => indexes[place] as number)
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

/** A descriptor is matched entry by entry: a key, or a key with values. */
function askEntries(entries: unknown, ask: (attribute: string, patterns: unknown) => void): void {
  for (const entry of [entries].flat()) {
    if (typeof entry !== 'object' || entry === null) continue
    for (const [key, values] of Object.entries(entry)) ask(`descriptor.${key}`, values)
  }
}
