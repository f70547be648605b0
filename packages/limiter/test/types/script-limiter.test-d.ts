/** Compiled, not run: what a script limiter takes. */
import { Cluster, Redis } from 'ioredis'
import { Redis as Valkey } from 'iovalkey'
import { createClient, createCluster } from 'redis'
import { type ScriptLimiterOptions, scriptLimiter } from '../../src/entries/script.ts'

const right = { script: '', headers: ['x-limit'], onStoreError: 'open' } as const

export function theseClientsAreTaken(): void {
  const [ioredis, cluster, iovalkey] = [new Redis(), new Cluster([]), new Valkey()]
  const redis = createClient()
  const redisCluster = createCluster({ rootNodes: [] })
  scriptLimiter({ ...right, call: (command) => ioredis.call(...command) })
  scriptLimiter({ ...right, call: (command) => cluster.call(...command) })
  scriptLimiter({ ...right, call: (command) => iovalkey.call(...command) })
  scriptLimiter({ ...right, call: (command) => redis.sendCommand(command) })
  scriptLimiter({ ...right, call: (command) => redisCluster.sendCommand(command[3], false, [...command]) })
}

export function theseAreNot(options: ScriptLimiterOptions): void {
  const { onStoreError: _, ...undecided } = options
  // @ts-expect-error what decides in an outage has to be said
  scriptLimiter(undecided)
  // @ts-expect-error a script has no limit to go on with
  scriptLimiter({ ...options, onStoreError: 'local' })
  // @ts-expect-error a client is no function
  scriptLimiter({ ...options, call: new Redis() })
  // @ts-expect-error keys are a list
  void scriptLimiter(options).run('user:7')
  // @ts-expect-error an argument is a text or a number
  void scriptLimiter(options).run(['user:7'], [true])
}
