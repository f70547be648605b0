import { atLeast, type Run, type Suite } from '../harness/suite.ts'
import type { WatchedServiceParams } from '../subjects/watched-service.ts'

/** What watching costs the service over HTTP. One core for the service, one for who asks. */
export const service: Suite = {
  name: 'service',
  effort: { full: { warmMs: 0, measureMs: 5000 }, quick: { warmMs: 0, measureMs: 2000 } },
  cases: [
    {
      name: 'HTTP consume with metrics, their text each second and 1 % of the decisions in the log, beside none of that',
      unit: 'requests/core-second',
      ours: watched(true),
      theirs: [watched(false)],
      // At most 5 % more CPU time a request.
      target: atLeast(1 / 1.05),
    },
  ],
}

function watched(isWatched: boolean): Run {
  const params: WatchedServiceParams = { isWatched, connections: 64, keys: 10_000 }
  return {
    label: isWatched ? 'headgate, watched' : 'headgate, not watched',
    subject: 'watched-service',
    params: { ...params },
  }
}
