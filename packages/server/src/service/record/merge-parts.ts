import { Pseudonyms } from './pseudonyms.ts'
import { type GapReason, RECORD_FORMAT, type RecordedGap, type RecordHeader } from './record-format.ts'
import type { RecordPlan } from './record-plan.ts'
import type { RecordedPart, RecordedSegment } from './recorded-part.ts'

/** Makes one log of what threads have recorded. */
export class MergedLog {
  readonly #plan: Pick<RecordPlan, 'sample' | 'hashed'>
  readonly #check: string
  readonly #now: () => number
  /** By the hash of the configuration. */
  readonly #questions = new Map<string, RecordHeader['questions']>()
  readonly #lost = new Map<GapReason, number>()
  /** The configuration of the last header. */
  #hash = ''
  #requests = 0

  constructor(plan: Pick<RecordPlan, 'sample' | 'hashed' | 'seed'>, now: () => number) {
    this.#plan = plan
    this.#check = new Pseudonyms(plan.seed).check
    this.#now = now
  }

  /** How many requests are in it. */
  get requests(): number {
    return this.#requests
  }

  /** How many are not, by the reason. */
  get lost(): Readonly<Partial<Record<GapReason, number>>> {
    return Object.fromEntries(this.#lost)
  }

  /** The first line. */
  begin({ hash, questions }: Pick<RecordHeader, 'hash' | 'questions'>): string {
    this.#questions.set(hash, questions)
    return this.#headerOf(hash)
  }

  /** The next lines, with their ends; empty where nothing has come. */
  add(parts: readonly RecordedPart[]): string {
    const byHash = Map.groupBy(
      parts.flatMap(({ segments }) => segments),
      ({ hash }) => hash,
    )
    const requests = Array.from(byHash, ([hash, segments]) => this.#segment(hash, segments))
    return requests.join('') + this.#gaps(parts)
  }

  #segment(hash: string, segments: readonly RecordedSegment[]): string {
    // All threads ask the same under one configuration.
    const questions = segments.find((segment) => segment.questions !== undefined)?.questions
    if (questions !== undefined) this.#questions.set(hash, questions)
    const lines = inOrder(segments)
    this.#requests += lines.length
    return this.#headerOf(hash) + lines.map((line) => `${line}\n`).join('')
  }

  /** A header, where the last one is of another configuration. */
  #headerOf(hash: string): string {
    if (hash === this.#hash) return ''
    this.#hash = hash
    const { sample, hashed } = this.#plan
    const check = this.#check
    const questions = this.#questions.get(hash) ?? []
    const at = this.#now()
    return lineOf({
      format: RECORD_FORMAT,
      at,
      hash,
      sample,
      hashed,
      check,
      questions,
    } satisfies RecordHeader)
  }

  #gaps(parts: readonly RecordedPart[]): string {
    const gaps = new Map<GapReason, number>()
    for (const [why, count] of parts.flatMap((part) => [...part.gaps])) {
      gaps.set(why, (gaps.get(why) ?? 0) + count)
      this.#lost.set(why, (this.#lost.get(why) ?? 0) + count)
    }
    const at = this.#now()
    return Array.from(gaps, ([why, lost]) => lineOf({ at, lost, why } satisfies RecordedGap)).join('')
  }
}

/** Lines of several threads by their times; those of one stay as they are, also where the clock was put back. */
function inOrder(segments: readonly RecordedSegment[]): readonly string[] {
  const [first, ...others] = segments
  if (first !== undefined && others.length === 0) return first.lines
  const all = segments.flatMap(({ lines, times }) =>
    lines.map((line, i) => ({ line, at: times[i] as number })),
  )
  return all.sort((a, b) => a.at - b.at).map(({ line }) => line)
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`
}
