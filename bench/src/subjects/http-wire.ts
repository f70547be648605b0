/** The service over HTTP with some workers; this process asks it. */
import { consumeRequest } from '../harness/consume-request.ts'
import { coreRate } from '../harness/core-rate.ts'
import { HttpLoad } from '../harness/http-load.ts'
import { makeKeys } from '../harness/keys.ts'
import { NEVER_DENIED, serve, type Workers } from '../harness/serve.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface HttpWireParams extends Workers {
  readonly connections: number
  readonly keys: number
}

/** Of each worker. V8 compiles what is called often, so what counts is how often, and not how long. */
const WARM_REQUESTS = 60_000
/** Requests whose time makes one figure. */
const BLOCK = 20_000

const { connections, keys, workers = 1, measureMs } = readParams<HttpWireParams>()
using server = await serve('http', NEVER_DENIED, { workers })
const requests = makeKeys(keys).map(consumeRequest)
const load = await HttpLoad.open({ port: server.port, connections, requests })
await load.peak(WARM_REQUESTS * workers)
report(await coreRate(server, { decisions: BLOCK, make: (count) => load.peak(count) }, measureMs))
load.close()
