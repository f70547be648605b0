import type { AccessList, Match, PolicyOptions } from 'headgate'
import { readRequest } from 'headgate/policies'
import type { Configuration } from '../../service/configuration.ts'
import { wrongUsage } from '../../service/describe-failure.ts'
import { type AskedPattern, isOneValue } from '../../service/record/asked-patterns.ts'
import type { Pseudonyms } from '../../service/record/pseudonyms.ts'
import type { RecordHeader } from '../../service/record/record-format.ts'
import { isShown } from '../../service/shown-explanation.ts'

/** What a configuration asks of a hashed attribute: whether it fits one of some patterns. */
export interface HashedCondition {
  /** The attribute that has the answer where it is yes. */
  readonly name: string
  readonly attribute: string
  readonly patterns: readonly string[]
  /** Where it stands, for messages. */
  readonly where: string
}

const DESCRIPTOR = 'descriptor'
const LIST = 'the list'

/** What such an attribute says. */
export const YES = 'yes'

/**
 * Rewrites configurations for a log with hashed attributes: each condition on one of them becomes one on an attribute that says what
 * the recording answered to it.
 */
export class HashedConditions {
  readonly #hashed: ReadonlySet<string>
  /** By what they ask. */
  readonly #conditions = new Map<string, HashedCondition>()

  constructor(hashed: readonly string[]) {
    this.#hashed = new Set(hashed)
  }

  /** Those of all configurations that were rewritten. */
  get all(): readonly HashedCondition[] {
    return [...this.#conditions.values()]
  }

  rewrite<C extends Configuration>(configuration: C, only: readonly string[] | undefined): C {
    const { policies, allow, deny } = configuration
    const played = policies.filter(({ name }) => only?.includes(name) ?? true)
    return {
      ...configuration,
      policies: played.map((policy) => this.#policy(policy)),
      allow: this.#list(allow, 'allow'),
      deny: this.#list(deny, 'deny'),
    }
  }

  #policy(policy: PolicyOptions): PolicyOptions {
    const { name, match, overrides, cost, choose } = policy
    if (choose?.by === 'path' && this.#hashed.has('path')) {
      throw wrongUsage(
        `policy ${name} is chosen by its path, which the recording hashed; record it without --hash path, or play other policies with --only`,
      )
    }
    if (typeof cost === 'string' && this.#hashed.has(cost)) {
      throw wrongUsage(
        `policy ${name} costs what ${cost} says, which the recording hashed; record it without --hash ${cost}`,
      )
    }
    return {
      ...policy,
      ...(match && { match: this.#match(match, `policy ${name}`) }),
      ...(overrides && {
        overrides: overrides.map((one, i) => ({
          ...one,
          match: this.#match(one.match, `override ${i + 1} of policy ${name}`),
        })),
      }),
    }
  }

  #list(list: AccessList, where: string): AccessList {
    if (Array.isArray(list))
      return (list as readonly Match[]).map((match) => this.#match(match, `${LIST} ${where}`))
    return this.#match(list as Match, `${LIST} ${where}`)
  }

  #match(match: Match, where: string): Match {
    return Object.fromEntries(
      Object.entries(match).map(([attribute, given]) => {
        if (attribute === DESCRIPTOR) this.#checkEntries(given, where)
        const patterns = [given].flat().map(String)
        // That it is there at all can still be seen.
        if (!this.#hashed.has(attribute) || patterns.includes('*')) return [attribute, given]
        return [this.#conditionOf({ attribute, patterns, where }), YES]
      }),
    )
  }

  /** Entries of descriptors are matched in order: a condition on the answer of one would say nothing of the others. */
  #checkEntries(entries: unknown, where: string): void {
    const asked = [entries]
      .flat()
      .flatMap((entry) => (typeof entry === 'string' ? [] : Object.keys(Object(entry))))
    const key = asked.find((one) => this.#hashed.has(DESCRIPTOR) || this.#hashed.has(`${DESCRIPTOR}.${one}`))
    if (key === undefined) return
    throw wrongUsage(
      `${where} asks for values of the entry ${key} of descriptors, which the recording hashed; play other policies with --only`,
    )
  }

  #conditionOf(asked: Omit<HashedCondition, 'name'>): string {
    const { attribute, patterns } = asked
    const what = `${attribute} in ${JSON.stringify(patterns)}`
    // It comes into reports, where the values are not to be.
    const name = `${attribute} in list ${this.#conditions.size + 1}`
    const condition = this.#conditions.get(what) ?? { name, ...asked }
    this.#conditions.set(what, condition)
    return condition.name
  }
}

/** How the requests under a header answer a condition: in one of these places, or by having one of these hashes. */
export interface ConditionAnswers extends Pick<HashedCondition, 'name' | 'attribute'> {
  readonly places: readonly number[]
  readonly hashes: ReadonlySet<string>
}

/** Throws where a condition cannot be answered: without the seed none can. */
export function answersOf(
  conditions: readonly HashedCondition[],
  { questions }: Pick<RecordHeader, 'questions'>,
  pseudonyms: Pseudonyms | null,
): ConditionAnswers[] {
  return conditions.map(({ name, attribute, patterns, where }) => {
    if (pseudonyms === null)
      throw wrongUsage(`${where} asks for values of ${attribute}, ${NO_SEED}, or ${without(where)}`)
    const asked = patterns.map((pattern) => ({ attribute, pattern }))
    const places = asked.flatMap((one) => (isOneValue(one) ? [] : placeOf(one)))
    const hashes = asked.flatMap((one) => (isOneValue(one) ? hashOf(one, pseudonyms) : []))
    return { name, attribute, places, hashes: new Set(hashes) }

    function placeOf(one: AskedPattern): number {
      const hash = pseudonyms?.ofPattern(one)
      const place = questions.findIndex((question) => question.hash === hash)
      if (place >= 0) return place
      const pattern = isShown(attribute) ? one.pattern : 'one of its patterns'
      const what = `${where} asks whether ${attribute} fits ${pattern}, which was not asked while ${attribute} was recorded as hashes`
      throw wrongUsage(`${what}; record with a configuration that asks it, or ${without(where)}`)
    }
  })
}

const NO_SEED =
  'which the recording has as hashes alone; give --seed-file the file that it was recorded with (where there was none, record again with one)'

/** Lists hold whatever is played. */
function without(where: string): string {
  return where.startsWith(LIST) ? 'play a configuration without it' : 'play other policies with --only'
}

function hashOf({ attribute, pattern }: AskedPattern, pseudonyms: Pseudonyms): string {
  if (attribute !== 'ip') return pseudonyms.of(attribute, pattern)
  return pseudonyms.ofAddress(readRequest({ ip: pattern })) ?? ''
}
