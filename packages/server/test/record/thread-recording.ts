/** What one thread records of a service in this one. */
import type { GapReason, RecordedRequest, RecordHeader } from '../../src/service/record/record-format.ts'
import type { RecordOptions } from '../../src/service/record/record-options.ts'
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
  const recorder = new ThreadRecorder({
    service,
    options: { sample: null, hash: [], seed: SEED, ...options },
    thread: 0,
  })
  const gaps = new Map<GapReason, number>()
  const lines: string[] = []
  let [, header] = recorder.begins
  const take = (): void => {
    const part = recorder.take()
    for (const segment of part.segments) {
      lines.push(...segment.lines)
      header = segment.header ?? header
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
    header: taken(() => header),
    text: taken(() => [JSON.stringify(header), ...lines].join('\n')),
    [Symbol.dispose]: () => recorder.close(),
  }
}
