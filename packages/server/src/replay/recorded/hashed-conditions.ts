import type { AccessList, Match, PolicyOptions } from 'headgate'
import type { Configuration } from '../../service/configuration.ts'
import { wrongUsage } from '../../service/describe-failure.ts'
import type { RecordHeader } from '../../service/record/record-format.ts'

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

/** What such an attribute says. */
export const YES = 'yes'

/**
 * Rewrites configurations for a log with hashed attributes: each condition on one of them becomes one on an attribute that says what
 * the recording answered to it.
 */
export class HashedConditions {
  readonly #hashed: ReadonlySet<string>
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
      return (list as readonly Match[]).map((match) => this.#match(match, `the list ${where}`))
    return this.#match(list as Match, `the list ${where}`)
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
    const name = `${asked.attribute} in ${JSON.stringify(asked.patterns)}`
    if (!this.#conditions.has(name)) this.#conditions.set(name, { name, ...asked })
    return name
  }
}

/** Where each condition is answered in the recorded requests under a header; throws where one was never asked. */
export function placesOf(
  conditions: readonly HashedCondition[],
  { questions }: Pick<RecordHeader, 'questions'>,
): (readonly [name: string, places: readonly number[]])[] {
  return conditions.map(({ name, attribute, patterns, where }) => {
    const places = patterns.map((pattern) => {
      const place = questions.findIndex((one) => one.attribute === attribute && one.pattern === pattern)
      if (place >= 0) return place
      const what = `${where} asks whether ${attribute} fits ${pattern}, which was not asked while ${attribute} was recorded as hashes`
      throw wrongUsage(
        `${what}; record with a configuration that asks it, or play other policies with --only`,
      )
    })
    return [name, places] as const
  })
}
