/** HTTP and gRPC beside other servers, all asked by `h2load`. */
import { ensureLoad, ensurePeers, PEERS, type PeerName } from '../../../scripts/ensure-peers.ts'
import { atLeast, atMost, type Case, type Run, type Surroundings, type Target } from '../harness/suite.ts'
import type { WireParams } from '../subjects/wire.ts'

type Server = WireParams['of']
type Pattern = Pick<WireParams, 'wire' | 'connections' | 'streams' | 'isTls' | 'isInRedis'>

/** One request at a time of each of many callers; of one; and a proxy with many requests over few connections. */
const HTTP_MANY: Pattern = { wire: 'http', connections: 64, streams: 1 }
const HTTP_ONE: Pattern = { ...HTTP_MANY, connections: 1 }
const GRPC_FEW: Pattern = { wire: 'grpc', connections: 4, streams: 64 }
const GRPC_MANY: Pattern = { wire: 'grpc', connections: 64, streams: 1 }
const GRPC_ONE: Pattern = { wire: 'grpc', connections: 1, streams: 1 }
const GRPC_TLS: Pattern = { ...GRPC_FEW, isTls: true }
const HTTP_REDIS: Pattern = { ...HTTP_MANY, isInRedis: true }
const GRPC_REDIS: Pattern = { ...GRPC_FEW, isInRedis: true }

export const wirePeers: readonly Case[] = [
  peak(HTTP_MANY, 'node:http', atLeast(1.7)),
  peak(HTTP_MANY, 'throttlecrab', atLeast(0.8)),
  peak(HTTP_MANY, 'headgate, fast path off', null),
  p99(HTTP_MANY, 'node:http', atMost(0.5)),
  peak(HTTP_ONE, 'node:http', null),
  peak(HTTP_ONE, 'throttlecrab', null),
  peak(GRPC_FEW, 'headgate, grpc-js', atLeast(10)),
  peak(GRPC_FEW, 'tonic', atLeast(2.5)),
  peak(GRPC_FEW, 'grpc-go', atLeast(4)),
  peak(GRPC_FEW, 'throttlecrab', null),
  p99(GRPC_FEW, 'headgate, grpc-js', atMost(0.2)),
  peak(GRPC_MANY, 'headgate, grpc-js', atLeast(4)),
  peak(GRPC_MANY, 'tonic', atLeast(0.9)),
  peak(GRPC_MANY, 'grpc-go', null),
  peak(GRPC_MANY, 'throttlecrab', null),
  peak(GRPC_ONE, 'headgate, grpc-js', null),
  peak(GRPC_ONE, 'tonic', null),
  peak(GRPC_ONE, 'grpc-go', null),
  peak(GRPC_ONE, 'throttlecrab', null),
  peak(GRPC_TLS, 'headgate, grpc-js', null),
  peak(HTTP_REDIS, 'headgate, fast path off', null),
  peak(GRPC_REDIS, 'headgate, grpc-js', null),
]

/** Builds the peers of these cases; only those are left out whose tools are not there. */
export async function openPeers(cases: readonly Case[]): Promise<Surroundings> {
  const runs = cases.flatMap(({ theirs }) => theirs)
  const names = (Object.keys(PEERS) as PeerName[]).filter((name) =>
    runs.some(({ params }) => params['of'] === name),
  )
  if (runs.some(({ subject }) => subject === 'wire')) ensureLoad()
  ensurePeers(names)
  return { params: {}, about: '', close: async () => {} }
}

function peak(pattern: Pattern, of: Server, target: Target | null): Case {
  return {
    name: `${nameOf(pattern)}, beside ${plainName(of)}`,
    unit: 'ops/s',
    ours: run(pattern, 'headgate', 'peak'),
    theirs: [run(pattern, of, 'peak')],
    target,
    ...roundsOf(pattern),
  }
}

function p99(pattern: Pattern, of: Server, target: Target): Case {
  return {
    name: `${nameOf(pattern)}, p99 at half of the peak, beside ${plainName(of)} at half of its own`,
    unit: 'ms',
    ours: run(pattern, 'headgate', 'p99 at half'),
    theirs: [run(pattern, of, 'p99 at half')],
    target,
    ...roundsOf(pattern),
  }
}

function nameOf({ wire, connections, streams, isTls, isInRedis }: Pattern): string {
  const what = wire === 'http' ? 'HTTP consume' : 'gRPC ShouldRateLimit'
  return `${what}${isTls ? ' over TLS' : ''}${isInRedis ? ' in Redis' : ''}, ${connections} × ${streams}`
}

/** Patterns without targets only inform. */
function roundsOf(pattern: Pattern): Pick<Case, 'brief' | 'together'> {
  return { together: nameOf(pattern), brief: ![HTTP_MANY, GRPC_FEW, GRPC_MANY].includes(pattern) }
}

function run(pattern: Pattern, of: Server, reading: 'peak' | 'p99 at half'): Run {
  const params: WireParams = { ...pattern, of, atHalf: isReadAtHalf(pattern, of) }
  return { label: labelOf(of), subject: 'wire', params: { ...params }, reading }
}

/** Of one process, whichever case reads it. */
function isReadAtHalf(pattern: Pattern, of: Server): boolean {
  if (pattern === HTTP_MANY) return of === 'headgate' || of === 'node:http'
  return pattern === GRPC_FEW && (of === 'headgate' || of === 'headgate, grpc-js')
}

function labelOf(of: Server): string {
  if (of === 'headgate') return 'headgate serve'
  if (of === 'node:http') return 'node:http, echo'
  if (!isPeer(of)) return of
  const { version, year } = PEERS[of]
  return `${of} ${version} (${year})${of === 'throttlecrab' ? '' : ', echo'}`
}

function plainName(of: Server): string {
  if (of === 'node:http') return 'a bare JSON echo of node:http'
  if (!isPeer(of)) return of === 'headgate, grpc-js' ? 'grpc-js' : 'the ordinary path'
  return of === 'throttlecrab' ? of : `a bare echo of ${of}`
}

function isPeer(of: Server): of is PeerName {
  return of in PEERS
}
