import type { Redis } from 'ioredis'

/** What a server has used and passed on since it started. */
export interface RedisUsage {
  readonly cpuSeconds: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** Scripts run, which is what decisions are asked by. */
  readonly scripts: number
  readonly memoryBytes: number
}

/** Reads it; that is a command as well, and some kilobytes. */
export async function redisUsage(redis: Redis): Promise<RedisUsage> {
  const text = await redis.info('all')
  const field = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? 0)
  const callsOf = (command: string): number =>
    Number(new RegExp(`^cmdstat_${command}:calls=(\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return {
    cpuSeconds: field('used_cpu_user') + field('used_cpu_sys'),
    bytesIn: field('total_net_input_bytes'),
    bytesOut: field('total_net_output_bytes'),
    scripts: callsOf('evalsha') + callsOf('eval'),
    memoryBytes: field('used_memory'),
  }
}
