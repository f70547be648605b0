/** The Redis store with its time given by a test: the scripts of production behind the preamble of tests. */
import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Clock } from '../src/core/clock.ts'
import { getOrAdd } from '../src/core/get-or-add.ts'
import {
  type IoredisLike,
  isCluster,
  type RedisClient,
  type RunScript,
  scriptRunner,
} from '../src/stores/redis/client.ts'
import { type Connection, connect } from '../src/stores/redis/connection/connect.ts'
import type { RedisStore } from '../src/stores/redis/redis-store.ts'
import { serverTime } from '../src/stores/redis/scripts.ts'
import { openStore } from '../src/stores/redis/topology.ts'
import { testPreamble } from './generated/preamble.gen.ts'
import { idleWindow } from './oracle/custom.ts'

export interface SubjectOptions {
  readonly prefix: string
  /** Changes the text of every script, for mutants. */
  readonly mutate?: (text: string) => string
}

const custom = [idleWindow]
const close = async (): Promise<void> => {}

/** A Redis store whose scripts take the time from `clock`; by a URL with a connection of its own, which `close` ends. */
export function clockedRedisStore(
  given: RedisClient | string,
  clock: Pick<Clock, 'now'>,
  { prefix, mutate }: SubjectOptions,
): RedisStore {
  const preamble = { text: testPreamble, argument: () => String(clock.now()) }
  const connection = typeof given === 'string' ? connect(given) : connectionOf(given)
  const run = mutate === undefined ? connection.run : mutated(connection.run, mutate)
  return openStore({ ...connection, run, prefix, custom, preamble })
}

/** A client as it is: no question about eviction is among the commands of a test. */
function connectionOf(client: RedisClient): Connection {
  const cluster = isCluster(client)
  const run = 'evalsha' in client && !cluster ? inOrder(client) : scriptRunner(client)
  return { run, cluster, close }
}

const sent = new WeakMap<IoredisLike, Set<string>>()

/** Sends a script in full the first time: one that were refused first would run behind the calls that follow it. */
function inOrder(client: IoredisLike): RunScript {
  const runner = scriptRunner(client)
  const known = getOrAdd(sent, client, () => new Set<string>())
  return (script, keys, args) => {
    if (known.has(script.sha)) return runner(script, keys, args)
    known.add(script.sha)
    return client.eval(script.text, keys.length, ...keys, ...args)
  }
}

/** A Redis store as production has it, but with its scripts changed. */
export function mutatedRedisStore(client: Redis, { prefix, mutate }: Required<SubjectOptions>): RedisStore {
  const run = mutated(scriptRunner(client), mutate)
  return openStore({ run, cluster: false, prefix, custom: [], preamble: serverTime, close })
}

function mutated(run: RunScript, mutate: (text: string) => string): RunScript {
  const known = new Map<string, { text: string; sha: string }>()
  return (script, keys, args) => {
    let changed = known.get(script.text)
    if (changed === undefined) {
      const text = mutate(script.text)
      changed = { text, sha: createHash('sha1').update(text).digest('hex') }
      known.set(script.text, changed)
    }
    return run(changed, keys, args)
  }
}
