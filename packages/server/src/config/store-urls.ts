import { HeadgateError } from 'headgate'
import { redisStore } from 'headgate/redis'
import type { Mistake } from './config-error.ts'
import { maskUrl } from './mask-url.ts'
import type { FileShape } from './schema/file-shape.ts'
import { isMemory } from './stores.ts'

const KNOWN = /^(rediss?(\+(cluster|sentinel|unix))?|unix):/

/** What is wrong with the URL of a store; null where nothing is. It is not connected to, and no message shows a password. */
export function storeUrlMistake(url: string): string | null {
  if (isMemory(url)) return null
  if (!KNOWN.test(url)) {
    const fix =
      'use memory, redis://host:6379/0, redis+sentinel://, redis+cluster://, with rediss for TLS, or unix://'
    return `${JSON.stringify(maskUrl(url))} is not a store of this version; ${fix}`
  }
  try {
    redisStore(url)
    return null
  } catch (reason) {
    return HeadgateError.from(reason).detail
  }
}

/** What is wrong with the URLs of stores. */
export function storeUrlMistakes({ store, stores = {} }: FileShape): Mistake[] {
  const urls: (readonly [Mistake['path'], string | undefined])[] = [
    [['store', 'url'], store?.url],
    ...Object.entries(stores).map(([name, { url }]) => [['stores', name, 'url'], url] as const),
  ]
  return urls.flatMap(([path, url]) => {
    const message = url === undefined ? null : storeUrlMistake(url)
    return message === null ? [] : [{ path, message }]
  })
}
