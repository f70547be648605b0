import { HeadgateError, memoryStore, type ResilienceOptions } from 'headgate'
import type { RedisStore } from 'headgate/redis'
import type { OpenStore } from '../service/service.ts'
import { maskUrl } from './mask-url.ts'
import { isMemory, type StoreConfig } from './stores.ts'

type Opened = Omit<OpenStore, 'resilience'>

/** Opens one store or several by name; what does not answer yet is no error. */
export async function openStores(
  stores: Readonly<Record<string, StoreConfig>>,
  resilience: ResilienceOptions,
): Promise<OpenStore> {
  const names = Object.keys(stores)
  const opened = await allOrNone(Object.values(stores).map(openStore))
  const [only] = opened
  if (only !== undefined && opened.length === 1) return { ...only, resilience }
  const { namedStores } = await import('headgate/resilience')
  return {
    store: namedStores(Object.fromEntries(opened.map(({ store }, i) => [names[i] as string, store]))),
    label: opened.map(({ label }, i) => `${names[i]}: ${label}`).join(', '),
    resilience,
    ping: async () => {
      await Promise.all(opened.map(({ ping }) => ping()))
    },
  }
}

/** Where one cannot be opened, the others are closed again. */
async function allOrNone(opening: readonly Promise<Opened>[]): Promise<Opened[]> {
  try {
    return await Promise.all(opening)
  } catch (reason) {
    for (const one of await Promise.allSettled(opening)) {
      if (one.status === 'fulfilled') await one.value.store.close()
    }
    throw reason
  }
}

async function openStore({ url, prefix }: StoreConfig): Promise<Opened> {
  const label = maskUrl(url)
  if (isMemory(url)) {
    return { store: memoryStore(), label, ping: async () => {} }
  }
  if (!/^(rediss?(\+(cluster|sentinel|unix))?|unix):/.test(url)) {
    const fix =
      'use memory, redis://host:6379/0, redis+sentinel://, redis+cluster://, with rediss for TLS, or unix://'
    throw new HeadgateError('invalid-config', `${label} is not a store of this version; ${fix}`)
  }
  const store = await openRedis(url, prefix)
  // Connects now, and not with the first request, which would not wait for it.
  store.ping().catch(() => {})
  return { store, label, ping: () => store.ping() }
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
