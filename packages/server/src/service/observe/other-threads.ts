import type { KeptDenial } from './recent-denials.ts'
import type { RateTotals } from './recent-rates.ts'
import type { TopRanking } from './thread-observer.ts'
import type { ThreadPart } from './thread-part.ts'
import type { TopPart } from './top-keys.ts'
import type { Watchers } from './watchers.ts'

/** What other threads of a process have seen. Whoever does not answer in time is left out, or stands as it was last known. */
export interface OtherThreads {
  /** The part of the thread that shows all: as one among others, or where these decide alone, without what only they can tell. */
  asOwn(part: ThreadPart): ThreadPart
  parts(): Promise<readonly ThreadPart[]>
  totals(): Promise<readonly RateTotals[]>
  /** Of each, newest first. */
  denials(): Promise<readonly (readonly KeptDenial[])[]>
  /** Of each policy of each the heaviest `most` keys. */
  top(query: TopRanking, most: number): Promise<readonly TopPart[]>
  /** When denials were lost last, with a thread that kept them, in milliseconds since 1970; null for never. */
  readonly lostAt: number | null
  /** Has those who watch told of what happens in other threads; answers what ends that. */
  passOn(watchers: Watchers): () => void
}

/** Of a process of one thread. */
export const NO_OTHERS: OtherThreads = {
  asOwn: (part) => part,
  parts: async () => [],
  totals: async () => [],
  denials: async () => [],
  top: async () => [],
  lostAt: null,
  passOn: () => () => {},
}
