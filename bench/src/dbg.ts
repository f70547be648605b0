import { createLimiter } from 'headgate'
import { redisStore } from 'headgate/redis'
import { startRedis } from './harness/redis-surroundings.ts'
import { workOf } from './harness/callers.ts'
import { pacedTimes, sharesOf } from './harness/latencies.ts'
const server = await startRedis()
const store = redisStore(`redis://127.0.0.1:${server.port}`)
await store.ping()
const rule = { limit: '1000000000/day' }
const limiter = createLimiter({ policies: [{ name: 'd', rules: [rule], lease: { max: 20000, lifetime: '200ms' } }], store, deadlineMs: 1000 })
let n: Record<string, number> = {}
const subject = { ask: (k: string) => limiter.consume(k), counts: (d: any) => { n[d.source] = (n[d.source] ?? 0) + 1; return true } }
console.log(await workOf(subject, { inFlight: 256, keys: 10 })(700), n); n = {}
console.log(await workOf(subject, { inFlight: 256, keys: 10 })(150), n); n = {}
for (let s = 0; s < 5; s++) {
  const t = await pacedTimes(subject, { perSecond: 5000, ms: 300, keys: 10 })
  console.log(n, sharesOf(t)); n = {}
}
await limiter.close(); await store.close(); await server.stop()
