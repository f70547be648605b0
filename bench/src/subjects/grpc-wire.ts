/** The service over gRPC, or a bare server of grpc-js in its place, on a core of its own; this process asks it. */
import { GrpcLoad, type GrpcLoadOptions } from '../harness/grpc-load.ts'
import { type HttpServer, startServer } from '../harness/http-server.ts'
import { median } from '../harness/median.ts'
import { appOf, NEVER_DENIED, serve } from '../harness/serve.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface GrpcWireParams extends Omit<GrpcLoadOptions, 'port'> {
  readonly of: 'headgate' | 'echo'
}

/** V8 compiles what is called often, so what counts is how often, and not how long. */
const WARM_DECISIONS = 40_000
/** Decisions whose time makes one figure. */
const BLOCK = 20_000

const { of, measureMs, warmMs: _, ...asked } = readParams<GrpcWireParams>()
using server = await start()
const load = new GrpcLoad({ ...asked, port: server.port })
await load.make(WARM_DECISIONS)
report(await capacity())
load.close()

/** Decisions that a second of a core makes. */
async function capacity(): Promise<number> {
  const rates: number[] = []
  const end = performance.now() + measureMs
  while (rates.length === 0 || performance.now() < end) {
    const before = await server.cpuSeconds()
    await load.make(BLOCK)
    rates.push(BLOCK / ((await server.cpuSeconds()) - before))
  }
  return median(rates)
}

async function start(): Promise<HttpServer> {
  if (of === 'headgate') return serve('grpc', NEVER_DENIED)
  // The echo answers the bytes that the service does.
  using real = await serve('grpc', NEVER_DENIED)
  const one = new GrpcLoad({ ...asked, port: real.port })
  const answer = await one.once()
  one.close()
  return startServer(appOf('grpc-echo'), [answer.toString('base64')])
}
