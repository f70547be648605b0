/** Every step of the protocol is one atomic operation, or private writes and reads that others may come in between of. */
import {
  ABORTED,
  ACTIVE,
  ageOf,
  COMMITTED,
  type Entry,
  growOlder,
  isOwned,
  ownedBy,
  ownerOf,
  type State,
  spoil,
  type Thread,
} from './state.ts'

/** Decisions of a thread: the buckets of each, in the order in which it owns them. */
export type Program = readonly (readonly number[])[]

/** Mistakes somebody could make. */
export type Mutant =
  | 'commits without comparing'
  | 'commits bucket by bucket'
  | 'releases before it commits'
  | 'takes over without putting off'
  | 'takes over by the stage that it saw first'
  | 'writes no number into a bucket'
  | 'always takes what was before'
  | 'frees a chunk before it commits'
  | 'frees what it replaced when it aborts'
  | 'keeps the chunks of what it aborts'
  | 'writes the entry after it owns'
  | 'does not release what it aborts'
  | 'never puts off'
  | 'clears up with what was to be'

/** A thread, what it is about to do, and where it goes then. */
class Turn {
  readonly state: State
  readonly id: number
  readonly me: Thread
  readonly keys: readonly number[]
  readonly #mutant: Mutant | null

  constructor(state: State, id: number, program: Program, mutant: Mutant | null) {
    this.state = state
    this.id = id
    this.me = state.threads[id] as Thread
    this.keys = program[this.me.done] ?? []
    this.#mutant = mutant
  }

  get key(): number {
    return this.keys[this.me.at] as number
  }

  get entry(): Entry {
    return this.me.entries[this.me.at] as Entry
  }

  get owner(): Thread {
    return this.state.threads[ownerOf(this.me.found)] as Thread
  }

  is(mutant: Mutant): boolean {
    return this.#mutant === mutant
  }

  next(step: string, at: number = this.me.at): void {
    this.me.step = step
    this.me.at = at
  }

  /** The same for the next bucket owned, or else another step. */
  each(step: string): void {
    if (this.me.at + 1 < this.me.count) this.me.at++
    else this.next(step, 0)
  }

  free(chunks: number[]): void {
    spoil(this.state, chunks)
    this.me.ready.push(...chunks)
  }
}

const steps: Readonly<Record<string, (turn: Turn) => void>> = {
  begin(turn) {
    const { state, id, me } = turn
    if (!turn.is('writes no number into a bucket')) growOlder(state, id)
    Object.assign(me, { stage: ACTIVE, owned: 0, count: 0 })
    turn.next('list', 0)
  },
  list(turn) {
    turn.entry.bucket = turn.key
    turn.me.owned = turn.me.at + 1
    turn.next('load')
  },
  load(turn) {
    const { me, state, key } = turn
    me.found = state.words[key] as number
    if (!isOwned(me.found)) me.head = me.found
    else if (turn.is('takes over by the stage that it saw first'))
      me.isCommitted = turn.owner.stage === COMMITTED
    turn.next(isOwned(me.found) ? 'look' : 'note')
  },
  look(turn) {
    const { me, state, key } = turn
    const isActive = ageOf(me.found) === 0 && turn.owner.stage === ACTIVE
    if (state.words[key] !== me.found) turn.next('load')
    else if (!isActive || !turn.is('never puts off')) turn.next('put off')
  },
  'put off'(turn) {
    const { me, owner } = turn
    const isSame = ageOf(me.found) === 0
    turn.next(isSame ? 'take over' : 'load')
    if (!isSame || turn.is('takes over by the stage that it saw first')) return
    me.isCommitted = owner.stage === COMMITTED
    if (owner.stage === ACTIVE && !turn.is('takes over without putting off')) owner.stage = ABORTED
  },
  'take over'(turn) {
    const { me, key } = turn
    const found = turn.owner.entries.find(({ bucket }) => bucket === key)
    const isAfter = me.isCommitted && !turn.is('always takes what was before')
    if (found !== undefined) me.head = isAfter ? found.after : found.before
    turn.next(found === undefined ? 'load' : 'note')
  },
  note(turn) {
    const { head } = turn.me
    if (!turn.is('writes the entry after it owns')) Object.assign(turn.entry, { before: head, after: head })
    turn.next('own')
  },
  own(turn) {
    const { state, me, key, id } = turn
    if (state.words[key] !== me.found) {
      turn.next('load')
      return
    }
    state.words[key] = ownedBy(id)
    me.count = me.at + 1
    if (turn.is('writes the entry after it owns')) turn.next('note late')
    else own(turn)
  },
  'note late'(turn) {
    const { head } = turn.me
    Object.assign(turn.entry, { before: head, after: head })
    own(turn)
  },
  read(turn) {
    turn.me.read[turn.me.at] = turn.state.values[turn.entry.after] as number
    turn.each('check')
  },
  check(turn) {
    turn.next(turn.me.stage === ACTIVE ? 'write' : 'abort', 0)
  },
  write(turn) {
    const { me, state } = turn
    const chunk = me.ready.pop()
    if (chunk === undefined) throw new Error('no chunk is ready')
    me.taken.push(chunk)
    state.values[chunk] = (me.read[me.at] as number) + 1
    me.read[me.at] = 0
    turn.next('change')
  },
  change(turn) {
    const { me, entry } = turn
    if (turn.is('frees a chunk before it commits')) turn.free([entry.after])
    else me.replaced.push(entry.after)
    entry.after = me.taken[me.at] as number
    if (me.at + 1 < me.count) turn.next('write', me.at + 1)
    else turn.next(turn.is('releases before it commits') && me.count > 1 ? 'release' : 'commit', 0)
  },
  commit(turn) {
    if (turn.me.count === 1 || turn.is('commits bucket by bucket')) commitBucket(turn)
    else commitAll(turn)
  },
  release(turn) {
    const { state, me, entry, id } = turn
    if (state.words[entry.bucket] === ownedBy(id)) state.words[entry.bucket] = entry.after
    turn.each(turn.is('releases before it commits') && me.stage === ACTIVE ? 'commit' : 'free')
  },
  free(turn) {
    const { me } = turn
    turn.free(me.replaced)
    Object.assign(me, { replaced: [], taken: [], done: me.done + 1 })
    turn.next('begin', 0)
  },
  abort(turn) {
    const { me } = turn
    if (me.stage === ACTIVE) me.stage = ABORTED
    turn.next(me.count > 0 && !turn.is('does not release what it aborts') ? 'give back' : 'undo', 0)
  },
  'give back'(turn) {
    const { state, entry, id } = turn
    if (state.words[entry.bucket] === ownedBy(id)) state.words[entry.bucket] = entry.before
    turn.each('undo')
  },
  undo(turn) {
    const { me } = turn
    if (turn.is('frees what it replaced when it aborts')) turn.free(me.replaced)
    if (!turn.is('keeps the chunks of what it aborts')) turn.free(me.taken.toReversed())
    Object.assign(me, { replaced: [], taken: [], read: [0, 0] })
    turn.next('begin', 0)
  },
}

/** Whether a thread has made all of its decisions. */
export function hasEnded({ done, step }: Thread, program: Program): boolean {
  return step === 'begin' && done === program.length
}

/** Carries out the next step of a thread. */
export function advance(state: State, id: number, program: Program, mutant: Mutant | null): void {
  const turn = new Turn(state, id, program, mutant)
  const step = steps[turn.me.step]
  if (step === undefined) throw new Error(`there is no step '${turn.me.step}'`)
  step(turn)
}

/** Carries out the next step of what clears up after a thread that has ended. */
export function clearUp(state: State, mutant: Mutant | null): void {
  const id = state.threads.findIndex(({ isDead }) => isDead)
  const ended = state.threads[id] as Thread
  if (state.cleaner === '') {
    if (ended.stage === ACTIVE) ended.stage = ABORTED
    state.cleaner = ended.owned > 0 ? 'give back' : 'end'
    return
  }
  const { bucket, before, after } = ended.entries[state.cleanerAt] as Entry
  const isCommitted = ended.stage === COMMITTED || mutant === 'clears up with what was to be'
  if (state.words[bucket] === ownedBy(id)) state.words[bucket] = isCommitted ? after : before
  state.cleanerAt++
  if (state.cleanerAt === ended.owned) state.cleaner = 'end'
}

/** Goes on once a bucket is owned. */
function own(turn: Turn): void {
  const { me, keys } = turn
  Object.assign(me, { found: 0, head: 0, isCommitted: false })
  if (me.count < keys.length) turn.next('list', me.count)
  else turn.next('read', 0)
}

function commitBucket(turn: Turn): void {
  const { state, entry, id } = turn
  const isMine = state.words[entry.bucket] === ownedBy(id) || turn.is('commits without comparing')
  if (!isMine) {
    turn.next('abort', 0)
    return
  }
  state.words[entry.bucket] = entry.after
  count(state, entry)
  turn.each('free')
}

function commitAll(turn: Turn): void {
  const { state, me } = turn
  if (me.stage !== ACTIVE && !turn.is('commits without comparing')) {
    turn.next('abort', 0)
    return
  }
  me.stage = COMMITTED
  for (const entry of me.entries.slice(0, me.count)) count(state, entry)
  turn.next(turn.is('releases before it commits') ? 'free' : 'release', 0)
}

function count({ committed }: State, { bucket }: Entry): void {
  committed[bucket] = (committed[bucket] as number) + 1
}
