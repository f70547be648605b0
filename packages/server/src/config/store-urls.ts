import { HeadgateError } from 'headgate'
import { redisStore } from 'headgate/redis'
import type { Mistake } from './config-error.ts'
import type { FileShape } from './schema/file-shape.ts'
import { isMemory } from './stores.ts'

/** What is wrong with the URLs of stores; none of them is connected to, and no message shows a password. */
export function storeUrlMistakes({ store, stores = {} }: FileShape): Mistake[] {
  const urls: (readonly [Mistake['path'], string | undefined])[] = [
    [['store', 'url'], store?.url],
    ...Object.entries(stores).map(([name, { url }]) => [['stores', name, 'url'], url] as const),
  ]
  return urls.flatMap(([path, url]) => {
    if (url === undefined || isMemory(url)) return []
    try {
      redisStore(url)
      return []
    } catch (reason) {
      return [{ path, message: HeadgateError.from(reason).detail }]
    }
  })
}
