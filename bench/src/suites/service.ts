import { atLeast, atMost, type Run, type Suite } from '../harness/suite.ts'
import type { HttpServiceParams } from '../subjects/http-service.ts'
import type { WatchedServiceParams } from '../subjects/watched-service.ts'

const load = { connections: 64, keys: 10_000, requests: 100_000 } as const

/** The service over HTTP, beside what HTTP and JSON cost in Node at least. One core for the server, one for who asks. */
export const service: Suite = {
  name: 'service',
  effort: { full: { warmMs: 0, measureMs: 5000 }, quick: { warmMs: 0, measureMs: 2000 } },
  cases: [
    {
      name: 'HTTP consume at the peak, 64 connections, beside a bare JSON echo',
      unit: 'ops/s',
      ours: run('headgate', 'peak'),
      theirs: [run('echo', 'peak')],
      target: atLeast(0.6),
    },
    {
      name: 'HTTP consume, p99 at half of the peak, beside a bare JSON echo at half of its own',
      unit: 'ms',
      ours: run('headgate', 'p99 at half'),
      theirs: [run('echo', 'p99 at half')],
      target: atMost(1.2),
    },
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

function run(of: HttpServiceParams['of'], measure: HttpServiceParams['measure']): Run {
  const params: HttpServiceParams = { of, measure, ...load }
  return {
    label: of === 'echo' ? 'node:http, echo' : 'headgate serve',
    subject: 'http-service',
    params: { ...params },
  }
}

function watched(isWatched: boolean): Run {
  const params: WatchedServiceParams = { isWatched, connections: load.connections, keys: load.keys }
  return { label: isWatched ? 'watched' : 'not watched', subject: 'watched-service', params: { ...params } }
}
