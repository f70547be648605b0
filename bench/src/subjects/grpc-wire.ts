/** The service over gRPC, or a bare server of grpc-js in its place, on a core of its own; this process asks it. */
import { coreRate } from '../harness/core-rate.ts'
import { GrpcLoad, type GrpcLoadOptions } from '../harness/grpc-load.ts'
import { type HttpServer, startServer } from '../harness/http-server.ts'
import { appOf, NEVER_DENIED, serve, type Workers } from '../harness/serve.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface GrpcWireParams extends Omit<GrpcLoadOptions, 'port'>, Workers {
  readonly of: 'headgate' | 'echo'
}

/** Of each worker. V8 compiles what is called often, so what counts is how often, and not how long. */
const WARM_DECISIONS = 40_000
/** Decisions whose time makes one figure. */
const BLOCK = 20_000

const { of, workers, measureMs, warmMs: _, ...asked } = readParams<GrpcWireParams>()
using server = await start()
const load = new GrpcLoad({ ...asked, port: server.port })
await load.make(WARM_DECISIONS * (workers ?? 1))
report(await coreRate(server, { decisions: BLOCK, make: (count) => load.make(count) }, measureMs))
load.close()

async function start(): Promise<HttpServer> {
  if (of === 'headgate') return serve('grpc', NEVER_DENIED, { workers })
  // The echo answers the bytes that the service does.
  using real = await serve('grpc', NEVER_DENIED)
  const one = new GrpcLoad({ ...asked, port: real.port })
  const answer = await one.once()
  one.close()
  return startServer(appOf('grpc-echo'), [answer.toString('base64')])
}
