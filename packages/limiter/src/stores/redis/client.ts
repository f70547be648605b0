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

/** Adapts a client: one command a call, and a second one only where the first did nothing and the second may. */
export function scriptRunner(client: RedisClient): RunScript {
  if ('evalSha' in client) {
    return (script, keys, args) => {
      const options = { keys, arguments: args }
      const evalSha = (): Promise<unknown> => client.evalSha(script.sha, options)
      return orAgain(evalSha, () => client.eval(script.text, options))
    }
  }
  return (script, keys, args) => {
    const evalSha = (): Promise<unknown> => client.evalsha(script.sha, keys.length, ...keys, ...args)
    return orAgain(evalSha, () => client.eval(script.text, keys.length, ...keys, ...args))
  }
}

/** Whether a value is a client of one of the known kinds. */
export function isClient(value: unknown): value is RedisClient {
  return hasFunctions(value, 'eval', 'evalSha') || hasFunctions(value, 'eval', 'evalsha')
}

/** Whether a client speaks to a Cluster, where the keys of one call must lie in one slot. */
export function isCluster(client: RedisClient): boolean {
  return ('isCluster' in client && client.isCluster === true) || hasFunctions(client, 'getSlotRandomNode')
}

/** Whether a value has all of these functions. */
export function hasFunctions(value: unknown, ...names: string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}

/**
 * Asks again, once, after the refusals that leave everything as it was and may end at once: a script is forgotten when
 * a server restarts or is told to, and keys of one slot are apart for a moment while it moves. Clients of a Cluster
 * follow MOVED and ASK themselves. All else fails now: the caller has a few milliseconds, and after a lost answer the
 * script may have run.
 */
function orAgain(evalSha: () => Promise<unknown>, load: () => Promise<unknown>): Promise<unknown> {
  return evalSha().catch((reason: unknown) => {
    // Redis and Valkey word it differently after the code.
    const code = reason instanceof Error ? reason.message.slice(0, 8) : ''
    if (code === 'NOSCRIPT') return load()
    if (code === 'TRYAGAIN') return evalSha()
    throw reason
  })
}
