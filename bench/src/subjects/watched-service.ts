/** The service on a core of its own, watched by metrics and a log, or by nobody; this process asks it. */
import { fileURLToPath } from 'node:url'
import { consumeRequest } from '../harness/consume-request.ts'
import { coreRate } from '../harness/core-rate.ts'
import { HttpLoad } from '../harness/http-load.ts'
import { startServer } from '../harness/http-server.ts'
import { makeKeys } from '../harness/keys.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface WatchedServiceParams {
  readonly isWatched: boolean
  readonly connections: number
  readonly keys: number
}

const APP = fileURLToPath(new URL('../apps/watched-app.ts', import.meta.url))

/** V8 compiles what is called often, so what counts is how often, and not how long. */
const WARM_REQUESTS = 60_000
/** Requests whose time makes one figure. */
const BLOCK = 5000

const { isWatched, connections, keys, measureMs } = readParams<WatchedServiceParams>()
using server = await startServer(APP, [isWatched ? 'watched' : 'alone'])
const requests = makeKeys(keys).map(consumeRequest)
const load = await HttpLoad.open({ port: server.port, connections, requests })
await load.peak(WARM_REQUESTS)
report(await coreRate(server, { decisions: BLOCK, make: (count) => load.peak(count) }, measureMs))
load.close()
