import type { OtherRecorders } from '../service/record/other-recorders.ts'
import type { RecordPlan } from '../service/record/record-plan.ts'
import type { RecordedPart } from '../service/record/recorded-part.ts'
import { steadyClock } from '../service/steady-clock.ts'
import type { WorkerThread } from './worker-thread.ts'

/** A worker that records. */
type RecordingWorker = Pick<WorkerThread, 'link' | 'serves' | 'ended'>

/** Whoever is busy for longer is not waited for: what it answers then comes with the next. */
const WAIT_MS = 500
/** Nothing that a worker does takes that long. */
const DEADLINE_MS = 60_000

interface Running {
  readonly plan: RecordPlan
  /** What has come, and was not taken yet. */
  readonly ready: RecordedPart[]
  /** Those that have not answered yet. */
  readonly asked: Map<RecordingWorker, Promise<void>>
}

/** What workers record, asked of them as it is read. One that dies takes with it what was not asked yet, which nobody can count. */
export class RecordingWorkers implements OtherRecorders {
  readonly #threads = new Set<RecordingWorker>()
  readonly #running = new Map<number, Running>()

  /** Has a worker record from when it serves to its end. */
  add(thread: RecordingWorker): void {
    thread.serves.then(
      () => {
        this.#threads.add(thread)
        this.#tell(thread)
      },
      () => {},
    )
    void thread.ended.then(() => this.#threads.delete(thread))
  }

  begin(recording: number, plan: RecordPlan): void {
    this.#running.set(recording, { plan, ready: [], asked: new Map() })
    for (const thread of this.#threads) this.#tell(thread)
  }

  end(recording: number): void {
    this.#running.delete(recording)
    for (const thread of this.#threads) this.#tell(thread)
  }

  async take(recording: number): Promise<readonly RecordedPart[]> {
    const running = this.#running.get(recording)
    if (running === undefined) return []
    const { ready, asked } = running
    for (const thread of this.#threads) if (!asked.has(thread)) this.#ask(thread, recording, running)
    if (asked.size > 0) await withinTime(Promise.all(asked.values()))
    return ready.splice(0)
  }

  #ask(thread: RecordingWorker, recording: number, { ready, asked }: Running): void {
    const answered = thread.link.ask('recorded', recording, { deadlineMs: DEADLINE_MS }).then(
      (part) => {
        if (part !== null) ready.push(part)
        asked.delete(thread)
      },
      // It has died.
      () => void asked.delete(thread),
    )
    asked.set(thread, answered)
  }

  #tell({ link }: RecordingWorker): void {
    link.tell('recordings', new Map(Array.from(this.#running, ([id, { plan }]) => [id, plan])))
  }
}

async function withinTime(work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const cancel = steadyClock.after(WAIT_MS, late.resolve)
  await Promise.race([work, late.promise])
  cancel()
}
