import { memoryStore, type Store } from 'headgate'
import { guarded, withBreaker, withDeadline } from 'headgate/resilience'
import { nsPerCall } from '../harness/measure.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface GuardedStoreParams {
  /** What stands around the store. */
  readonly around: 'nothing' | 'deadline' | 'breaker' | 'guard'
  /** Callers side by side; each asks again when it is answered. */
  readonly inFlight: number
}

type Verdicts = Awaited<ReturnType<Store['decide']>>

/** What a guard asks of a store that can fail. */
interface Socket extends Store {
  ping(): Promise<void>
  heartbeat(id: string, lifetimeMs: number): Promise<number>
}

const { around, inFlight, ...effort } = readParams<GuardedStoreParams>()
const verdicts: Verdicts = { now: 1, numbers: [0, 1, 0], source: 'store' }
let waiting: (() => void)[] = []
const store = wrapped()

report(
  await nsPerCall(async (from, to) => {
    let next = from
    let answered = 0
    const caller = async (): Promise<void> => {
      while (next++ < to) if ((await store.decide('consume', [])) === verdicts) answered++
    }
    await Promise.all(Array.from({ length: inFlight }, caller))
    return answered
  }, effort),
)
if ('stop' in store) (store.stop as () => void)()

function wrapped(): Store {
  if (around === 'deadline') return withDeadline(socket())
  if (around === 'breaker') return withBreaker(socket())
  return around === 'guard' ? guarded(socket()).guard({ local: () => memoryStore() }) : socket()
}

/** Answers as a socket does: what was asked in one turn of the event loop, together, in the next. */
function socket(): Socket {
  const answer = (): void => {
    const turn = waiting
    waiting = []
    for (const resolve of turn) resolve()
  }
  const nothing = async (): Promise<void> => {}
  return {
    refund: async () => [],
    reset: nothing,
    block: nothing,
    ping: nothing,
    heartbeat: async () => 1,
    close: nothing,
    decide: () =>
      new Promise((resolve) => {
        if (waiting.length === 0) setImmediate(answer)
        waiting.push(() => resolve(verdicts))
      }),
  }
}
