import { randomBytes } from 'node:crypto'
import { HeadgateError, memoryStore, type ResilienceOptions } from 'headgate'
import { redisStore } from 'headgate/redis'
import { sharedMemoryStore } from 'headgate/shared-memory'
import { wrongUsage } from '../service/describe-failure.ts'
import type { OpenStore, StoreFigures } from '../service/service.ts'
import { maskUrl } from './mask-url.ts'
import { type SnapshotFile, storeFromFile, storeToFile } from './snapshot-file.ts'
import { storeUrlMistake } from './store-urls.ts'
import { isMemory, type StoreConfig } from './stores.ts'

interface Opened extends Omit<OpenStore, 'resilience' | 'figures'> {
  readonly stats: () => StoreFigures
  /** Of a store in memory that threads share. */
  readonly memory?: SharedArrayBuffer
}

/** What the stores of all threads of a process have in common. */
export interface SharedStores {
  /** Memory of those in memory, by their names. */
  readonly memories: Readonly<Record<string, SharedArrayBuffer>>
  /** Names it, where there is any. */
  readonly scope: string
}

/** A store of a thread, and what others open theirs with. */
export interface SharedStore extends OpenStore {
  readonly shared: SharedStores
}

/** Opens the stores that threads of this process share, which take the answer's `shared`. */
export async function openSharedStores(
  stores: Readonly<Record<string, StoreConfig>>,
  resilience: ResilienceOptions,
  given?: SharedStores,
): Promise<SharedStore> {
  const names = Object.keys(stores)
  const opened = await allOrNone(
    Object.entries(stores).map(([name, store]) => openStore(store, given?.memories[name] ?? 'made')),
  )
  const memories = opened.flatMap(({ memory }, i) =>
    memory === undefined ? [] : [[names[i] as string, memory]],
  )
  const shared = given ?? {
    memories: Object.fromEntries(memories),
    // Budgets of this process: receipts of another one are none here.
    scope: `threads ${randomBytes(16).toString('hex')}`,
  }
  const scope = memories.length === 0 ? scopeOf(stores) : { scope: shared.scope }
  return { ...(await together({ names, opened, resilience })), ...scope, shared }
}

/** Opens one store or several by name; what does not answer yet is no error. With a `snapshot` it is one, in memory. */
export async function openStores(
  stores: Readonly<Record<string, StoreConfig>>,
  resilience: ResilienceOptions,
  snapshot?: SnapshotFile,
): Promise<OpenStore> {
  const names = Object.keys(stores)
  if (snapshot !== undefined) {
    return together({ names, opened: [openKept(Object.values(stores), snapshot)], resilience })
  }
  const opened = await allOrNone(Object.values(stores).map((store) => openStore(store)))
  return { ...(await together({ names, opened, resilience })), ...scopeOf(stores) }
}

interface Together {
  readonly names: readonly string[]
  readonly opened: readonly Opened[]
  readonly resilience: ResilienceOptions
}

/** One store of one or several. */
async function together({ names, opened, resilience }: Together): Promise<OpenStore> {
  const [only] = opened
  const figures = (): Readonly<Record<string, StoreFigures>> =>
    Object.fromEntries(opened.map(({ stats }, i) => [names[i] as string, stats()]))
  if (only !== undefined && opened.length === 1) {
    const { stats: _s, memory: _m, ...alone } = only
    return { ...alone, resilience, figures }
  }
  const { namedStores } = await import('headgate/resilience')
  return {
    store: namedStores(Object.fromEntries(opened.map(({ store }, i) => [names[i] as string, store]))),
    label: opened.map(({ label }, i) => `${names[i]}: ${label}`).join(', '),
    resilience,
    figures,
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

/** `memory`: that of other threads, or made for them; absent where this one is alone. */
async function openStore({ url, prefix }: StoreConfig, memory?: SharedArrayBuffer | 'made'): Promise<Opened> {
  const label = maskUrl(url)
  if (isMemory(url) && memory !== undefined) {
    const store = sharedMemoryStore(memory === 'made' ? {} : { attach: memory })
    return { store, label, ping: async () => {}, stats: () => store.stats(), memory: store.memory }
  }
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
