import type { PolicyOptions } from 'headgate'
import type { Configuration } from '../../service/configuration.ts'
import { wrongUsage } from '../../service/describe-failure.ts'
import { Pseudonyms } from '../../service/record/pseudonyms.ts'
import type { RecordHeader, RecordSample } from '../../service/record/record-format.ts'
import { answersOf, HashedConditions, YES } from './hashed-conditions.ts'
import type { RecordedAttributes } from './recorded-parser.ts'

/** What is asked of recorded logs, or of what a running service tells as one. */
export interface RecordedPlay {
  readonly headers: readonly RecordHeader[]
  /** Names of the policies that are played; undefined: all. */
  readonly only: readonly string[] | undefined
  /**
   * What the values of all were hashed with.
   * @default unknown: then no condition on a hashed attribute can be played
   */
  readonly seed?: string | undefined
}

/**
 * Fits configurations to what was recorded. It refuses budgets that a sample cannot answer, and conditions on hashed attributes that
 * nobody asked while it was recorded.
 */
export class RecordedLogs {
  readonly #only: readonly string[] | undefined
  readonly #headers: readonly RecordHeader[]
  readonly #hashed: readonly string[]
  readonly #conditions: HashedConditions
  readonly #pseudonyms: Pseudonyms | null

  constructor({ headers, only, seed }: RecordedPlay) {
    const [first] = headers
    this.#only = only
    this.#headers = headers
    this.#hashed = first?.hashed ?? []
    this.#pseudonyms = seed === undefined ? null : new Pseudonyms(seed)
    this.#conditions = new HashedConditions(this.#hashed)
    for (const header of headers) this.#checkHashed(header)
  }

  /** The configuration as it is played, of which only the policies to be played are left. */
  fit<C extends Configuration>(configuration: C): C {
    for (const { sample } of this.#headers) if (sample !== null) this.#checkSample(configuration, sample)
    if (this.#hashed.length === 0) return configuration
    const fitted = this.#conditions.rewrite(configuration, this.#only)
    for (const header of this.#headers) answersOf(this.#conditions.all, header, this.#pseudonyms)
    return fitted
  }

  /** What reads the requests behind a header, once all configurations are fitted. */
  attributesUnder(header: RecordHeader): RecordedAttributes {
    this.#checkHashed(header)
    const isPlayed = (policy: string | undefined): boolean =>
      policy === undefined || (this.#only?.includes(policy) ?? true)
    if (this.#hashed.length === 0) return ({ attributes, policy }) => (isPlayed(policy) ? attributes : null)
    const conditions = answersOf(this.#conditions.all, header, this.#pseudonyms)
    return ({ attributes, answers = [], policy }) => {
      if (!isPlayed(policy)) return null
      const who: Record<string, string> = { ...attributes }
      const { path } = attributes
      if (this.#hashed.includes('path') && path !== undefined) who['path'] = `/${path}`
      for (const { name, attribute, places, hashes } of conditions) {
        const isYes =
          hashes.has(attributes[attribute] ?? '') || places.some((place) => answers.includes(place))
        if (isYes) who[name] = YES
      }
      return who
    }
  }

  #checkHashed({ hashed, check }: RecordHeader): void {
    if (hashed.length > 0 && this.#pseudonyms !== null && check !== this.#pseudonyms.check) {
      throw wrongUsage(
        'a recording was made with another seed than --seed-file has; give it the file of that',
      )
    }
    if ([...hashed].sort().join() === [...this.#hashed].sort().join()) return
    const [ours, theirs] = [this.#hashed, hashed].map((names) => names.join(', ') || 'nothing')
    throw wrongUsage(
      `recordings are played together where they hash the same, and here one hashes ${ours}, another ${theirs}`,
    )
  }

  #checkSample({ policies }: Configuration, { attribute, share }: RecordSample): void {
    const played = policies.filter(({ name, mode }) => mode !== 'off' && (this.#only?.includes(name) ?? true))
    const unanswered = played.filter((policy) => !keysOf(policy).includes(attribute))
    if (unanswered.length === 0) return
    const answered = played.filter((policy) => !unanswered.includes(policy)).map(({ name }) => name)
    const said = unanswered
      .map((policy) => `policy ${policy.name} counts by ${keysOf(policy).join(' and ')}`)
      .join(', ')
    const why = `the log has the requests of ${share * 100} % of the values of ${attribute} alone, so that others who spend of the same budgets are missing: ${said}`
    const fix =
      answered.length === 0
        ? 'record it without --attribute'
        : `play the others with --only ${answered.join(',')}`
    throw wrongUsage(`${why}; ${fix}`)
  }
}

function keysOf({ key = 'key' }: PolicyOptions): string[] {
  return [key].flat()
}
