import { createRequire } from 'node:module'
import { HeadgateError, invalid, show } from '../../core/errors.ts'
import { type IoredisLike, type RunScript, scriptRunner } from './client.ts'

interface OwnClient extends IoredisLike {
  readonly status: string
  on(event: 'error', listener: (error: Error) => void): unknown
  once(event: 'ready' | 'close', listener: () => void): unknown
  off(event: 'ready' | 'close', listener: () => void): unknown
  disconnect(): void
}

type ClientClass = new (url: string, options: object) => OwnClient

/** A command that takes longer has failed for its caller, whatever the server still does with it. */
const COMMAND_TIMEOUT_MS = 1000

/**
 * No queue while disconnected, nothing sent twice: the defaults of clients hang for ever on a frozen server, and
 * charge twice when a reply is lost.
 */
const CLIENT_OPTIONS = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: COMMAND_TIMEOUT_MS,
  retryStrategy: (attempt: number) => Math.min(1000, attempt * 50),
}

/** Opens a client of our own with `ioredis`, which reconnects by itself. */
export function connectUrl(url: string): { run: RunScript; close: () => Promise<void> } {
  if (!/^rediss?:\/\/./.test(url)) {
    const fix = 'use redis://host:6379/0 or rediss://, or pass a client'
    throw invalid('redisStore', `${show(url)} is not a Redis URL; ${fix}`)
  }
  const client = new (ioredis())(url, CLIENT_OPTIONS)
  // Each call reports its own failure; without a listener the client would print the same again.
  client.on('error', () => {})
  const runner = scriptRunner(client)
  return {
    run: async (script, keys, args) => {
      if (client.status !== 'ready') await ready(client)
      return runner(script, keys, args)
    },
    close: async () => client.disconnect(),
  }
}

/** Waits for the first connection, or fails as soon as one attempt at it did. */
function ready(client: OwnClient): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => void): void => {
      clearTimeout(timer)
      client.off('ready', onReady)
      client.off('close', onClose)
      outcome()
    }
    const onReady = (): void => settle(resolve)
    const onClose = (): void => settle(() => reject(new Error('no connection')))
    const timer = setTimeout(onClose, COMMAND_TIMEOUT_MS)
    client.once('ready', onReady)
    client.once('close', onClose)
  })
}

function ioredis(): ClientClass {
  try {
    return createRequire(import.meta.url)('ioredis').Redis
  } catch (cause) {
    const message = 'a Redis URL needs the package ioredis; run npm install ioredis, or pass a client'
    throw new HeadgateError('invalid-options', message, { cause, path: 'redisStore' })
  }
}
