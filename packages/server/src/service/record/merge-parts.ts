import { type GapReason, RECORD_FORMAT, type RecordedGap, type RecordHeader } from './record-format.ts'
import type { RecordOptions } from './record-options.ts'
import type { RecordedPart, RecordedSegment } from './recorded-part.ts'

type HeaderPart = Pick<RecordHeader, 'hashed' | 'questions'>

/** Makes one log of what threads have recorded. */
export class MergedLog {
  readonly #sample: RecordOptions['sample']
  readonly #now: () => number
  /** By the hash of the configuration. */
  readonly #headers = new Map<string, HeaderPart>()
  readonly #lost = new Map<GapReason, number>()
  #told = ''
  #requests = 0

  constructor({ sample }: Pick<RecordOptions, 'sample'>, now: () => number) {
    this.#sample = sample
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
  begin(hash: string, header: HeaderPart): string {
    return this.#headerOf(hash, header)
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
    const header = segments.reduce<HeaderPart>(
      (known, { header: next }) => (next === undefined ? known : union(known, next)),
      this.#headers.get(hash) ?? NO_HEADER,
    )
    const lines = inOrder(segments)
    this.#requests += lines.length
    return this.#headerOf(hash, header) + lines.map((line) => `${line}\n`).join('')
  }

  #headerOf(hash: string, header: HeaderPart): string {
    this.#headers.set(hash, header)
    const { hashed, questions } = header
    const telling = `${hash} ${hashed.length}`
    if (telling === this.#told) return ''
    this.#told = telling
    return lineOf({
      format: RECORD_FORMAT,
      at: this.#now(),
      hash,
      sample: this.#sample,
      hashed,
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

const NO_HEADER: HeaderPart = { hashed: [], questions: [] }

/** Of one configuration all threads ask the same; which attributes they have seen may differ. */
function union(known: HeaderPart, { hashed, questions }: HeaderPart): HeaderPart {
  return { hashed: [...new Set([...known.hashed, ...hashed])], questions }
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
