import { invalid, show } from '../../core/errors.ts'
import type { Script } from './scripts.ts'

/** The two members of `ioredis` and `iovalkey` clients that are used. */
export interface IoredisLike {
  evalsha(sha: string, keyCount: number, ...rest: string[]): Promise<unknown>
  eval(script: string, keyCount: number, ...rest: string[]): Promise<unknown>
}

/** The two members of `redis` (node-redis) clients that are used. */
export interface NodeRedisLike {
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** A client of `ioredis` 6, `redis` 6 or `iovalkey`, connected or connecting. */
export type RedisClient = IoredisLike | NodeRedisLike

/** Runs one script. */
export type RunScript = (script: Script, keys: string[], args: string[]) => Promise<unknown>

/** Adapts a client: one command a call, and a second one only when the server does not know the script yet. */
export function scriptRunner(client: RedisClient): RunScript {
  if (isNodeRedis(client)) {
    return (script, keys, args) =>
      orLoad(client.evalSha(script.sha, { keys, arguments: args }), () =>
        client.eval(script.text, { keys, arguments: args }),
      )
  }
  if (isIoredis(client)) {
    return (script, keys, args) =>
      orLoad(client.evalsha(script.sha, keys.length, ...keys, ...args), () =>
        client.eval(script.text, keys.length, ...keys, ...args),
      )
  }
  const fix = 'pass a client of ioredis, redis or iovalkey, or a redis:// URL'
  throw invalid('redisStore', `${show(client)} is not a Redis client; ${fix}`)
}

/** A script is forgotten when the server restarts or is told to; nothing ran then, so asking again is safe. */
function orLoad(answer: Promise<unknown>, load: () => Promise<unknown>): Promise<unknown> {
  return answer.catch((reason: unknown) => {
    if (isNoScript(reason)) return load()
    throw reason
  })
}

// Redis and Valkey word it differently after the code.
function isNoScript(reason: unknown): boolean {
  return reason instanceof Error && reason.message.startsWith('NOSCRIPT')
}

function isNodeRedis(client: unknown): client is NodeRedisLike {
  return hasFunctions(client, 'evalSha', 'eval')
}

function isIoredis(client: unknown): client is IoredisLike {
  return hasFunctions(client, 'evalsha', 'eval')
}

function hasFunctions(value: unknown, ...names: string[]): boolean {
  if (typeof value !== 'object' || value === null) return false
  return names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}
