import { HeadgateError, memoryStore, type ResilienceOptions, type Store } from 'headgate'
import type { RedisStore } from 'headgate/redis'
import { maskUrl } from './mask-url.ts'

/** Where state is to live. */
export interface StoreOptions {
  /** `memory`, or a URL that `redisStore` knows. */
  readonly url: string
  /** First part of every key in Redis. */
  readonly prefix: string
  /** What happens while it does not answer. */
  readonly resilience: ResilienceOptions
}

/** A store of the service's own, with the one question readiness asks. */
export interface OpenStore {
  readonly store: Store
  /** Its URL without user, password and options, for people. */
  readonly label: string
  /** What the limiter is told of it; a store in this process cannot fail and has none. */
  readonly resilience: ResilienceOptions
  /** Rejects when the store cannot answer. */
  ping(): Promise<void>
}

/** Opens a store; one that does not answer yet is no error. */
export async function openStore({ url, prefix, resilience }: StoreOptions): Promise<OpenStore> {
  const label = maskUrl(url)
  // In YAML a value that ends in a colon needs quotes, so the colon may be left out.
  if (url === 'memory:' || url === 'memory') {
    return { store: memoryStore(), label, resilience: {}, ping: async () => {} }
  }
  if (!/^(rediss?(\+(cluster|sentinel|unix))?|unix):/.test(url)) {
    const fix =
      'use memory, redis://host:6379/0, redis+sentinel://, redis+cluster://, with rediss for TLS, or unix://'
    throw new HeadgateError('invalid-config', `${label} is not a store of this version; ${fix}`)
  }
  const store = await openRedis(url, prefix)
  // Connects now, and not with the first request, which would not wait for it.
  store.ping().catch(() => {})
  return { store, label, resilience, ping: () => store.ping() }
}

async function openRedis(url: string, prefix: string): Promise<RedisStore> {
  // Loaded when it is needed, so that memory needs no Redis client.
  const { redisStore } = await import('headgate/redis')
  try {
    return redisStore(url, { prefix })
  } catch (cause) {
    // It names the URL without its password.
    throw new HeadgateError('invalid-config', HeadgateError.from(cause).message, { cause })
  }
}
