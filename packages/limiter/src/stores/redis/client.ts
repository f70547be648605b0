import type { Script } from './scripts.ts'

/** The two members of `ioredis` and `iovalkey` clients that are used, of a `Redis` and of a `Cluster`. */
export interface IoredisLike {
  evalsha(sha: string, keyCount: number, ...rest: (string | Buffer)[]): Promise<unknown>
  eval(script: string, keyCount: number, ...rest: (string | Buffer)[]): Promise<unknown>
}

/** The two members of `redis` (node-redis) clients that are used, of a client, a cluster and a sentinel. */
export interface NodeRedisLike {
  evalSha(sha: string, options: { keys: string[]; arguments: (string | Buffer)[] }): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: (string | Buffer)[] }): Promise<unknown>
}

/** A client of `ioredis` 6, `redis` 6 or `iovalkey`, connected or connecting. */
export type RedisClient = IoredisLike | NodeRedisLike

/** Runs one script, on the primary that holds its keys. */
export type RunScript = (script: Script, keys: string[], args: (string | Buffer)[]) => Promise<unknown>

/** Adapts a client: EVALSHA for every call, and one retry after refusals that are safe to retry. */
export function scriptRunner(client: RedisClient): RunScript {
  if ('evalSha' in client) {
    return (script, keys, args) => {
      const options = { keys, arguments: args }
      const evalSha = (): Promise<unknown> => client.evalSha(script.sha, options)
      return withRetry(evalSha, () => client.eval(script.text, options))
    }
  }
  return (script, keys, args) => {
    const evalSha = (): Promise<unknown> => client.evalsha(script.sha, keys.length, ...keys, ...args)
    return withRetry(evalSha, () => client.eval(script.text, keys.length, ...keys, ...args))
  }
}

/** Whether a value is a client of one of the known kinds. */
export function isClient(value: unknown): value is RedisClient {
  return hasFunctions(value, 'eval', 'evalSha') || hasFunctions(value, 'eval', 'evalsha')
}

/** Whether a client speaks to a Cluster, where all keys of one call must be in one slot. */
export function isCluster(client: RedisClient): boolean {
  return ('isCluster' in client && client.isCluster === true) || hasFunctions(client, 'getSlotRandomNode')
}

/** Whether a value has all of these functions. */
export function hasFunctions(value: unknown, ...names: string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}

/**
 * Retries once after NOSCRIPT (the server restarted or its script cache was flushed) and TRYAGAIN (a slot is being
 * migrated): nothing was executed. MOVED and ASK are followed by Cluster clients themselves. Every other failure is
 * final: the caller's deadline is some milliseconds, and after a lost reply the script may have run.
 */
function withRetry(evalSha: () => Promise<unknown>, load: () => Promise<unknown>): Promise<unknown> {
  return evalSha().catch((reason: unknown) => {
    // After the code the messages of Redis and Valkey differ.
    const code = reason instanceof Error ? reason.message.slice(0, 8) : ''
    if (code === 'NOSCRIPT') return load()
    if (code === 'TRYAGAIN') return evalSha()
    throw reason
  })
}
