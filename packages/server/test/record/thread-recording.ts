/** What one thread records of a service in this one. */
import type { GapReason, RecordedRequest, RecordHeader } from '../../src/service/record/record-format.ts'
import type { RecordOptions } from '../../src/service/record/record-options.ts'
import { planRecording } from '../../src/service/record/record-plan.ts'
import { ThreadRecorder, type ThreadRecorderParts } from '../../src/service/record/thread-recorder.ts'

export const SEED = 'a seed of these tests'

export interface ThreadRecording extends Disposable {
  /** All that was recorded since the start. */
  requests(): readonly RecordedRequest[]
  gaps(): ReadonlyMap<GapReason, number>
  /** The last one. */
  header(): Pick<RecordHeader, 'hashed' | 'questions'>
  /** As it goes over the wire. */
  text(): string
}

export function recordThread(
  service: ThreadRecorderParts['service'],
  options: Partial<RecordOptions> = {},
): ThreadRecording {
  const plan = planRecording({ sample: null, hash: [], seed: SEED, ...options }, service.configuration())
  const recorder = new ThreadRecorder({ service, plan, thread: 0 })
  const gaps = new Map<GapReason, number>()
  const lines: string[] = []
  const { hashed } = plan
  let { questions } = recorder.begins
  const take = (): void => {
    const part = recorder.take()
    for (const segment of part.segments) {
      lines.push(...segment.lines)
      questions = segment.questions ?? questions
    }
    for (const [why, count] of part.gaps) gaps.set(why, (gaps.get(why) ?? 0) + count)
  }
  const taken = <T>(read: () => T): (() => T) => {
    return () => {
      take()
      return read()
    }
  }
  return {
    requests: taken(() => lines.map((line) => JSON.parse(line))),
    gaps: taken(() => gaps),
    header: taken(() => ({ hashed, questions })),
    text: taken(() => [JSON.stringify({ hashed, questions }), ...lines].join('\n')),
    [Symbol.dispose]: () => recorder.close(),
  }
}
