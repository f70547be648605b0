import type { GapReason } from './record-format.ts'

/** What is said of requests that a log lacks, behind their number. */
const REASONS: Readonly<Record<GapReason, string>> = {
  'slow-reader': 'came faster than they were read',
  'no-attribute': 'lack the attribute that is drawn',
  'own-limit': 'brought a limit of their own',
  reservation: 'are more of a reservation',
  'too-large': 'have more attributes than a line takes',
}

/** Requests that a log lacks, by the reason. */
export type Lost = Readonly<Partial<Record<GapReason | 'unknown', number>>>

/** Counts them. A reason that this version does not know is `unknown`. */
export class GapCounts {
  readonly #counts = new Map<keyof Lost, number>()

  add(why: unknown, count: number): void {
    const known = Object.hasOwn(REASONS, String(why)) ? (why as GapReason) : 'unknown'
    this.#counts.set(known, (this.#counts.get(known) ?? 0) + count)
  }

  get lost(): Lost {
    return Object.fromEntries(this.#counts)
  }
}

/** One sentence for each reason, for people. */
export function lostSentences(lost: Lost): string[] {
  return Object.entries(lost).map(([why, count]) => {
    const said = REASONS[why as GapReason] ?? 'are missing for a reason that this version does not know'
    return `not there: ${count.toLocaleString('en')}, which ${said}`
  })
}
