/** Masters and replicas, in whatever group they are. */
import type { RedisServer } from '../redis-server.ts'
import { until } from './until.ts'

/** Who was the master, and who is it now. */
export interface Handover {
  readonly from: RedisServer
  readonly to: RedisServer
}

/** Resolves when the replica has all that the master has. */
export async function follows(replica: RedisServer, master: RedisServer): Promise<void> {
  await until(
    `the server on port ${replica.port} is a replica of the one on port ${master.port}`,
    async () =>
      (await replica.info('master_port')) === String(master.port) &&
      (await replica.info('master_link_status')) === 'up',
    { withinMs: 30_000 },
  )
}
