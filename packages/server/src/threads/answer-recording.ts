import { ThreadRecorder, type ThreadRecorderParts } from '../service/record/thread-recorder.ts'
import type { Link } from './link.ts'
import type { OfCoordinator, OfWorker } from './protocol.ts'

/** Records in a worker while the coordinator says so, and answers what there is. */
export function answerRecording(
  link: Link<OfWorker, OfCoordinator>,
  { service, thread }: Pick<ThreadRecorderParts, 'service' | 'thread'>,
): void {
  const running = new Map<number, ThreadRecorder>()
  link.hear('recordings', (recordings) => {
    for (const [id, recorder] of running) {
      if (recordings.has(id)) continue
      recorder.close()
      running.delete(id)
    }
    for (const [id, plan] of recordings) {
      if (!running.has(id)) running.set(id, new ThreadRecorder({ service, plan, thread }))
    }
  })
  link.answer('recorded', (id) => running.get(id)?.take() ?? null)
}
