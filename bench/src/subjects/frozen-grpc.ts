/** The service on a Redis that is stopped while it is asked over gRPC with a short deadline: when calls are answered. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, credentials } from '@grpc/grpc-js'
import { CONSUME, limitRequest } from '../harness/grpc-load.ts'
import { quantile } from '../harness/quantile.ts'
import { startRedis } from '../harness/redis-surroundings.ts'
import { serve } from '../harness/serve.ts'
import { readParams, report } from '../harness/subject.ts'

/** What this subject is told. */
export interface FrozenGrpcParams {
  readonly deadlineMs: number
  readonly connections: number
  /** Calls a second; each is made when it is due, whether or not earlier ones are answered. */
  readonly perSecond: number
  /** Reports the deadline in place of what came of it. */
  readonly isDeadline?: boolean
}

/** With Redis, before it is stopped. */
const HEALTHY_MS = 4000
const itself = (bytes: Buffer): Buffer => bytes

const params = readParams<FrozenGrpcParams>()
report(params.isDeadline === true ? params.deadlineMs : await figure())

/** The 99th percentile of the times of calls that begin once Redis is stopped. A call that its caller gave up counts ten times the deadline. */
async function figure(): Promise<number> {
  const { deadlineMs, connections, measureMs } = params
  const redis = await startRedis()
  const config = `store: { url: "redis://127.0.0.1:${redis.port}" }\n`
  using server = await serve('grpc', `${config}policies: [{ name: api, key: user, rules: [1000000/52w] }]\n`)
  const clients = Array.from(
    { length: connections },
    () =>
      new Client(`127.0.0.1:${server.port}`, credentials.createInsecure(), {
        'grpc.use_local_subchannel_pool': 1,
      }),
  )
  let made = 0
  const ask = (): Promise<number> => {
    const start = performance.now()
    const client = clients[made++ % clients.length] as Client
    const deadline = Date.now() + deadlineMs
    const request = limitRequest(`user-${made % 1000}`)
    return new Promise((resolve) => {
      client.makeUnaryRequest(CONSUME, itself, itself, request, { deadline }, (error) =>
        resolve(error === null ? performance.now() - start : deadlineMs * 10),
      )
    })
  }
  await paced(HEALTHY_MS, ask)
  redis.freeze()
  const times = await paced(measureMs, ask)
  for (const client of clients) client.close()
  await redis.stop()
  return quantile(times, 0.99)
}

async function paced(forMs: number, ask: () => Promise<number>): Promise<number[]> {
  const asked: Promise<number>[] = []
  const start = performance.now()
  for (let ms = 0; ms < forMs; ms = performance.now() - start) {
    const due = Math.floor((ms / 1000) * params.perSecond)
    while (asked.length < due) asked.push(ask())
    await sleep(1)
  }
  return Promise.all(asked)
}
