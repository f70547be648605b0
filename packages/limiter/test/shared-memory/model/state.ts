/** The protocol of `Ownership` as a small state machine: two threads, two buckets of one record each, whose value counts spends. */

export const BUCKETS = 2
/** One in each bucket, and two that each thread holds ready; 0 is none. */
export const CHUNKS = 6

/** Stages of a transaction. */
export const ACTIVE = 1
export const COMMITTED = 2
export const ABORTED = 3

/** An owned bucket: this, ten times its thread, and the age of its transaction: 0 is the one that its thread is in. */
const OWNED = 100
/** Transactions as old as that are not told from older ones. */
const AGE_MAX = 3

/** What a thread has written down of a bucket that it owns, or is about to. */
export interface Entry {
  bucket: number
  before: number
  after: number
}

export interface Thread {
  /** Its next step, and which key of the decision the step is about. */
  step: string
  at: number
  /** Decisions that it has made. */
  done: number
  isDead: boolean
  // What others see.
  stage: number
  owned: number
  entries: Entry[]
  // What it knows itself.
  count: number
  found: number
  head: number
  isCommitted: boolean
  read: number[]
  taken: number[]
  replaced: number[]
  ready: number[]
}

export interface State {
  words: number[]
  values: number[]
  threads: Thread[]
  /** What clears up after a thread that has ended: the next step. */
  cleaner: string
  cleanerAt: number
  /** Spends that became valid, of each bucket. */
  committed: number[]
}

export function initial(): State {
  const state: State = {
    words: [1, 2],
    values: Array.from({ length: CHUNKS + 1 }, () => 0),
    threads: [threadWith([3, 4]), threadWith([5, 6])],
    cleaner: '',
    cleanerAt: 0,
    committed: [0, 0],
  }
  spoil(state, [3, 4, 5, 6])
  return state
}

function threadWith(ready: number[]): Thread {
  return {
    step: 'begin',
    at: 0,
    done: 0,
    isDead: false,
    stage: 0,
    owned: 0,
    entries: [0, 1].map(() => ({ bucket: -1, before: 0, after: 0 })),
    count: 0,
    found: 0,
    head: 0,
    isCommitted: false,
    read: [0, 0],
    taken: [],
    replaced: [],
    ready,
  }
}

export function copyOf(state: State): State {
  return {
    ...state,
    words: [...state.words],
    values: [...state.values],
    committed: [...state.committed],
    threads: state.threads.map((thread) => ({
      ...thread,
      entries: thread.entries.map((entry) => ({ ...entry })),
      read: [...thread.read],
      taken: [...thread.taken],
      replaced: [...thread.replaced],
      ready: [...thread.ready],
    })),
  }
}

/** The same for states that are alike. */
export function keyOf({ words, values, threads, cleaner, cleanerAt, committed }: State): string {
  const parts = threads.map((one) => {
    const { step, at, done, stage, owned, entries, count, found, head, isCommitted } = one
    const [a, b] = entries as [Entry, Entry]
    const own = `${step} ${at} ${done} ${stage} ${owned} ${count} ${found} ${head} ${isCommitted}`
    const lists = `${one.read} ${one.taken} ${one.replaced} ${one.ready}`
    return `${own} ${a.bucket} ${a.before} ${a.after} ${b.bucket} ${b.before} ${b.after} ${lists}`
  })
  return `${words} ${values} ${committed} ${cleaner} ${cleanerAt} ${parts}`
}

/** What is in chunks that are free, or lost: nothing that anybody could count with. */
const SPOILT = 50

export function spoil({ values }: State, chunks: readonly number[]): void {
  for (const chunk of chunks) values[chunk] = SPOILT
}

/** A thread ends. What it alone knew is gone. */
export function end(state: State, id: number): void {
  const { step, stage, owned, entries, ready, taken } = state.threads[id] as Thread
  state.threads[id] = { ...threadWith([]), step: 'dead', isDead: true, stage, owned, entries }
  const isValid = step === 'release' || step === 'free'
  spoil(state, isValid ? ready : [...ready, ...taken])
}

export function ownedBy(thread: number, age = 0): number {
  return OWNED + 10 * thread + age
}

export function isOwned(word: number): boolean {
  return word >= OWNED
}

export function ownerOf(word: number): number {
  return Math.floor((word - OWNED) / 10)
}

export function ageOf(word: number): number {
  return (word - OWNED) % 10
}

/** Everything that was said of the transaction of a thread is now said of the one before. */
export function growOlder(state: State, thread: number): void {
  const older = (word: number): number =>
    isOwned(word) && ownerOf(word) === thread && ageOf(word) < AGE_MAX ? word + 1 : word
  state.words = state.words.map(older)
  for (const one of state.threads) one.found = older(one.found)
}

/** What is valid in a bucket. */
export function headOf(state: State, bucket: number): number {
  const word = state.words[bucket] as number
  if (!isOwned(word)) return word
  const { stage, entries } = state.threads[ownerOf(word)] as Thread
  const entry = entries.find((one) => one.bucket === bucket)
  if (entry === undefined || ageOf(word) > 0) return 0
  return stage === COMMITTED ? entry.after : entry.before
}
