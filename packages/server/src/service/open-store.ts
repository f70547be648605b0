import { HeadgateError, memoryStore, type ResilienceOptions, type Store } from 'headgate'
import { maskUrl } from './mask-url.ts'

/** Where state is to live. */
export interface StoreOptions {
  /** `memory`, `redis://…` or `rediss://…`. */
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
  if (!isRedisUrl(url)) {
    const fix = 'use memory, redis://host:6379/0 or rediss://host:6379/0'
    throw new HeadgateError('invalid-config', `${label} is not a store of this version; ${fix}`)
  }
  // Loaded when it is needed, so that memory needs no Redis client.
  const { redisStore } = await import('headgate/redis')
  const store = redisStore(url, { prefix })
  // Connects now, and not with the first request, which would not wait for it.
  store.ping().catch(() => {})
  return { store, label, resilience, ping: () => store.ping() }
}

/** Whether a client can make sense of it; one that cannot would fail later, and print the password. */
function isRedisUrl(url: string): boolean {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) return false
  const { hostname, pathname, username, password } = new URL(url)
  return hostname !== '' && /^\/?\d*$/.test(pathname) && isDecodable(username + password)
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
