import { atLeast, atMost, type Run, type Suite, type Target } from '../harness/suite.ts'
import type { FrozenGrpcParams } from '../subjects/frozen-grpc.ts'
import type { GrpcWireParams } from '../subjects/grpc-wire.ts'
import type { HttpWireParams } from '../subjects/http-wire.ts'
import type { RespWireParams } from '../subjects/resp-wire.ts'
import { openPeers, wirePeers } from './wire-peers.ts'

const KEYS = 10_000
const UNARY = { connections: 4, inFlight: 16, keys: KEYS } as const
const PLAIN = { connections: 64, keys: KEYS } as const
/** So many that every worker has its share of them. */
const MANY = { ...UNARY, connections: 16, inFlight: 4 } as const
const FROZEN: FrozenGrpcParams = { deadlineMs: 20, connections: 4, perSecond: 200 }

/** HTTP, gRPC and the Redis protocol, beside other servers and what they cost in Node at least. One core for the server, one for who asks. */
export const wires: Suite = {
  name: 'wires',
  effort: { full: { warmMs: 0, measureMs: 5000 }, quick: { warmMs: 0, measureMs: 2000 } },
  open: openPeers,
  cases: [
    ...wirePeers,
    {
      name: 'gRPC Consume, beside a bare echo of grpc-js',
      unit: 'requests/core-second',
      ours: grpc('unary', UNARY),
      theirs: [grpc('grpc-js, echo', { ...UNARY, of: 'echo' })],
      target: atLeast(1.5),
    },
    streamed(1, null),
    streamed(16, atLeast(1.5)),
    throttle('unpipelined', 1, atLeast(0.85)),
    throttle('32 in a pipeline', 32, atLeast(0.5)),
    workers('HTTP consume', (label, count) => http(label, { ...PLAIN, workers: count })),
    workers('gRPC Consume', (label, count) => grpc(label, { ...MANY, workers: count })),
    workers('CL.THROTTLE unpipelined', (label, count) =>
      resp(label, { of: 'headgate', depth: 1, workers: count }),
    ),
    {
      name: 'gRPC with Redis frozen, calls with a deadline of 20 ms, p99, beside the deadline',
      unit: 'ms',
      ours: { label: 'headgate serve', subject: 'frozen-grpc', params: { ...FROZEN }, roams: true },
      theirs: [
        {
          label: 'the deadline',
          subject: 'frozen-grpc',
          params: { ...FROZEN, isDeadline: true } satisfies FrozenGrpcParams,
        },
      ],
      target: atMost(1),
    },
  ],
}

function streamed(perMessage: number, target: Target | null): Suite['cases'][number] {
  const how = perMessage === 1 ? 'one request' : `${perMessage} requests`
  return {
    name: `gRPC stream with ${how} a message, beside unary calls`,
    unit: 'requests/core-second',
    ours: grpc('stream', { ...UNARY, perMessage }),
    theirs: [grpc('unary', UNARY)],
    target,
  }
}

function throttle(how: string, depth: number, target: Target): Suite['cases'][number] {
  return {
    name: `CL.THROTTLE ${how}, beside a bare responder of node:net`,
    unit: 'requests/core-second',
    ours: resp('headgate serve', { of: 'headgate', depth }),
    theirs: [resp('node:net, responder', { of: 'responder', depth })],
    target,
  }
}

/** Two workers on one memory against one: the same share of a core a decision, where the ratio is 1. They may use all cores. */
function workers(what: string, of: (label: string, count: number) => Run): Suite['cases'][number] {
  return {
    name: `${what}, two workers on shared memory, against one`,
    unit: 'requests/core-second',
    ours: { ...of('headgate, two workers', 2), roams: true },
    theirs: [{ ...of('headgate, one worker', 1), roams: true }],
    target: atLeast(0.8),
  }
}

function http(label: string, params: HttpWireParams): Run {
  return { label, subject: 'http-wire', params: { ...params } }
}

function grpc(label: string, params: Omit<GrpcWireParams, 'of'> & Partial<Pick<GrpcWireParams, 'of'>>): Run {
  return { label, subject: 'grpc-wire', params: { of: 'headgate', ...params } }
}

function resp(label: string, params: Omit<RespWireParams, 'connections' | 'keys'>): Run {
  return { label, subject: 'resp-wire', params: { ...params, ...PLAIN } }
}
