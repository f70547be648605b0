import { advance, clearUp, hasEnded, type Mutant, type Program } from './protocol.ts'
import {
  BUCKETS,
  CHUNKS,
  copyOf,
  end,
  headOf,
  initial,
  isOwned,
  keyOf,
  ownerOf,
  type State,
  type Thread,
} from './state.ts'

export interface Exploration {
  /** States that the threads can come to. */
  readonly states: number
  /** Of those, states that end. */
  readonly ends: number
  /** Most steps that a thread takes to its end once it is alone. */
  readonly stepsAlone: number
  /** The first thing found that must not be; null when nothing was. */
  readonly fault: string | null
}

export interface ExploreOptions {
  readonly programs: readonly [Program, Program]
  /** Whether one of the threads may end before any of its steps; it is cleared up after at any time later, or never. */
  readonly deaths: boolean
  readonly mutant?: Mutant | null
}

/** Most states: more would be a mistake of the model. */
const STATES_MAX = 3_000_000

/** Tries all interleavings of the steps of two threads. */
export function explore({ programs, deaths, mutant = null }: ExploreOptions): Exploration {
  const first = initial()
  const known = new Map([[keyOf(first), 0]])
  const queue = [first]
  /** Where each thread comes next if it is alone; a number of a state, or -1 where it has ended. */
  const alone: (readonly number[])[] = []
  let ends = 0
  const result = (fault: string | null, steps = 0): Exploration => ({
    states: known.size,
    ends,
    stepsAlone: steps,
    fault,
  })
  const follow = (state: State, change: (copy: State) => void): number => {
    const copy = copyOf(state)
    change(copy)
    const key = keyOf(copy)
    const number = known.get(key) ?? known.size
    if (number === known.size) {
      known.set(key, number)
      queue.push(copy)
    }
    return number
  }
  // First in, first out: the numbers of states are their places in the queue.
  for (let number = 0; number < queue.length; number++) {
    const state = queue[number] as State
    delete queue[number]
    const hasDeath = state.threads.some(({ isDead }) => isDead)
    const next: number[] = []
    try {
      for (const [id, thread] of state.threads.entries()) {
        const program = programs[id] as Program
        const canGo = !thread.isDead && !hasEnded(thread, program)
        next.push(canGo ? follow(state, (copy) => advance(copy, id, program, mutant)) : -1)
        if (canGo && deaths && !hasDeath) follow(state, (copy) => end(copy, id))
      }
    } catch (reason) {
      return result(String(reason))
    }
    if (hasDeath && state.cleaner !== 'end') follow(state, (copy) => clearUp(copy, mutant))
    alone.push(next)
    const isEnd = next.every((follower) => follower === -1)
    if (isEnd) ends++
    const fault = faultIn(state, isEnd)
    if (fault !== null) return result(`${fault}: ${keyOf(state)}`)
    if (known.size > STATES_MAX) return result('there are too many states')
  }
  const steps = Math.max(...[0, 1].map((id) => stepsAlone(alone, id)))
  return result(steps === Number.POSITIVE_INFINITY ? 'a thread that is alone never ends' : null, steps)
}

/** What must hold whatever the threads are doing; null where it does. */
function faultIn(state: State, isEnd: boolean): string | null {
  const places = new Set<number>()
  const put = (chunk: number): boolean =>
    chunk < 1 || chunk > CHUNKS || places.size === places.add(chunk).size
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const head = headOf(state, bucket)
    if (put(head)) return `bucket ${bucket} has no chunk of its own`
    if (state.values[head] !== state.committed[bucket]) return `bucket ${bucket} has lost a spend`
    const word = state.words[bucket] as number
    if (isEnd && isOwned(word) && !(state.threads[ownerOf(word)] as Thread).isDead)
      return `bucket ${bucket} stays owned`
  }
  for (const { ready, taken, step, isDead } of state.threads) {
    // What it has taken is in its buckets once that is valid.
    const own = isDead || ['release', 'free'].includes(step) ? ready : [...ready, ...taken]
    if (own.some(put)) return 'a chunk is in two places'
    if (isEnd && !isDead && taken.length > 0) return 'a chunk is lost'
  }
  if (isEnd && state.threads.every(({ isDead }) => !isDead) && places.size !== CHUNKS)
    return 'a chunk is lost'
  return null
}

/** Most steps to the end of a thread that runs alone, from any state; infinite where one never comes to it. */
function stepsAlone(alone: readonly (readonly number[])[], id: number): number {
  const steps = new Int32Array(alone.length).fill(-1)
  const path: number[] = []
  let most = 0
  for (let start = 0; start < alone.length; start++) {
    path.length = 0
    let number = start
    while (number !== -1 && steps[number] === -1) {
      if (path.length > alone.length) return Number.POSITIVE_INFINITY
      path.push(number)
      number = alone[number]?.[id] as number
    }
    let count = number === -1 ? -1 : (steps[number] as number)
    for (let i = path.length - 1; i >= 0; i--) steps[path[i] as number] = ++count
    most = Math.max(most, count)
  }
  return most
}
