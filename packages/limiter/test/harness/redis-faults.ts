/** Faults of a redis-server that are more than one command, by the connection that brings them about. */
import { isRedis6 } from './redis-binary.ts'
import type { Reply } from './resp.ts'
import type { SmallDisk } from './small-disk.ts'
import { until } from './until.ts'

/** Sends one command to the server in question. */
export type Command = (...args: readonly (string | number)[]) => Promise<Reply>

// What a test stored does not mix with what the harness stores.
const FILLER_DATABASE = 15
const FILLER_KEYS = 300
const PROBE = 'headgate-harness-disk'

/** Lowers the limit below what is used, without eviction; the function returned restores what was set before. */
export async function fillMemory(command: Command): Promise<() => Promise<void>> {
  const limit = await setting(command, 'maxmemory')
  const policy = await setting(command, 'maxmemory-policy')
  await command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
  await command('CONFIG', 'SET', 'maxmemory', 1)
  return async () => {
    await command('CONFIG', 'SET', 'maxmemory', limit)
    await command('CONFIG', 'SET', 'maxmemory-policy', policy)
  }
}

/** Leaves no room for the append-only file, and waits until the server has noticed. */
export async function fillDisk(command: Command, disk: SmallDisk): Promise<void> {
  disk.fill()
  // More than a page, since the last page of the file may still have room.
  const text = 'x'.repeat(8192)
  await until('redis-server notices that its disk is full', () =>
    isRefused(command('SET', PROBE, text), 'MISCONF'),
  )
}

export async function freeDisk(command: Command, disk: SmallDisk): Promise<void> {
  disk.free()
  await until('redis-server writes to its disk again', () => command('SET', PROBE, ''))
  await command('DEL', PROBE)
}

/**
 * Saves so much that reading it takes `loadingMs`; returns the arguments which make it so, for the next start.
 *
 * The server answers between two pieces of what it reads, so the pieces have to be small; Redis 6 has none below
 * 2 MB, so there has to be more to read.
 */
export async function saveForSlowLoading(command: Command, loadingMs: number): Promise<string[]> {
  const length = isRedis6() ? 65_536 : 2048
  const fill = `redis.call('SELECT', ${FILLER_DATABASE})
    for i = 1, ${FILLER_KEYS} do redis.call('SET', 'headgate-harness-' .. i, string.rep('x', ${length})) end`
  await command('EVAL', fill, 0)
  await command('CONFIG', 'SET', 'rdbcompression', 'no')
  await command('SAVE')
  const delayUs = Math.round((loadingMs * 1000) / FILLER_KEYS)
  const pieces = isRedis6() ? [] : ['--loading-process-events-interval-bytes', '1024']
  return ['--key-load-delay', String(delayUs), ...pieces]
}

/** Whether the command is answered by an error that starts with this. */
export async function isRefused(reply: Promise<Reply>, prefix: string): Promise<boolean> {
  try {
    await reply
    return false
  } catch (error) {
    return error instanceof Error && error.message.startsWith(prefix)
  }
}

async function setting(command: Command, name: string): Promise<string> {
  const reply = await command('CONFIG', 'GET', name)
  return String(Array.isArray(reply) ? reply[1] : '')
}
