import { HeadgateError, memoryStore, type ResilienceOptions } from 'headgate'
import { redisStore } from 'headgate/redis'
import { wrongUsage } from '../service/describe-failure.ts'
import type { OpenStore, StoreFigures } from '../service/service.ts'
import { maskUrl } from './mask-url.ts'
import { type SnapshotFile, storeFromFile, storeToFile } from './snapshot-file.ts'
import { storeUrlMistake } from './store-urls.ts'
import { isMemory, type StoreConfig } from './stores.ts'

interface Opened extends Omit<OpenStore, 'resilience' | 'figures'> {
  readonly stats: () => StoreFigures
}

/** Opens one store or several by name; what does not answer yet is no error. With a `snapshot` it is one, in memory. */
export async function openStores(
  stores: Readonly<Record<string, StoreConfig>>,
  resilience: ResilienceOptions,
  snapshot?: SnapshotFile,
): Promise<OpenStore> {
  const names = Object.keys(stores)
  const opened =
    snapshot === undefined
      ? await allOrNone(Object.values(stores).map(openStore))
      : [openKept(Object.values(stores), snapshot)]
  const [only] = opened
  const scope = snapshot === undefined ? scopeOf(stores) : {}
  const figures = (): Readonly<Record<string, StoreFigures>> =>
    Object.fromEntries(opened.map(({ stats }, i) => [names[i] as string, stats()]))
  if (only !== undefined && opened.length === 1) {
    const { stats: _, ...alone } = only
    return { ...alone, resilience, figures, ...scope }
  }
  const { namedStores } = await import('headgate/resilience')
  return {
    store: namedStores(Object.fromEntries(opened.map(({ store }, i) => [names[i] as string, store]))),
    label: opened.map(({ label }, i) => `${names[i]}: ${label}`).join(', '),
    resilience,
    figures,
    ...scope,
    ping: async () => {
      await Promise.all(opened.map(({ ping }) => ping()))
    },
  }
}

/** Services that share all of these stores share receipts. Of a store in this process nobody has a share. */
function scopeOf(stores: Readonly<Record<string, StoreConfig>>): Pick<OpenStore, 'scope'> {
  const named = Object.entries(stores)
  if (named.some(([, { url }]) => isMemory(url))) return {}
  return { scope: JSON.stringify(named.map(([name, { prefix }]) => [name, prefix]).sort()) }
}

function openKept(stores: readonly StoreConfig[], snapshot: SnapshotFile): Opened {
  const others = stores.filter(({ url }) => !isMemory(url))
  const [{ url } = { url: '' }] = others
  if (others.length > 0) {
    throw wrongUsage(
      `--snapshot is for a store in memory, and ${maskUrl(url)} keeps its state by itself; leave it out`,
    )
  }
  if (stores.length > 1)
    throw wrongUsage('--snapshot is for one store, and the file has several; leave it out')
  const store = storeFromFile(snapshot)
  const save = (): void => storeToFile(store, snapshot.path)
  // The next process has the same budgets: receipts of this one are good there.
  return { store, label: 'memory', ping: async () => {}, stats: () => store.stats(), save, scope: 'memory' }
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
    const store = memoryStore()
    return { store, label, ping: async () => {}, stats: () => store.stats() }
  }
  const mistake = storeUrlMistake(url)
  if (mistake !== null) throw new HeadgateError('invalid-config', mistake)
  const store = redisStore(url, { prefix })
  // Connects now, and not with the first request, which would not wait for it.
  store.ping().catch(() => {})
  return { store, label, ping: () => store.ping(), stats: () => store.stats() }
}
