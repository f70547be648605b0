import { type PolicyOptions, parseDuration, type ResilienceOptions } from 'headgate'
import { suggest } from 'headgate/errors'
import type { Mistake } from './config-error.ts'
import { withoutOutcome } from './proxy/outcome-policies.ts'
import type { FileShape } from './schema/file-shape.ts'
import type { FilePolicy } from './schema/policy-shape.ts'
import type { FileStore } from './schema/store-shape.ts'
import { show } from './unknown-name.ts'

/** Where state is to live. */
export interface StoreConfig {
  /** `memory`, or a URL that `redisStore` knows. */
  readonly url: string
  /** First part of every key in Redis. */
  readonly prefix: string
}

/** Stores by name, first that of policies which name none, and what decides while they do not answer. */
export interface StoresConfig {
  readonly stores: Readonly<Record<string, StoreConfig>>
  readonly resilience: ResilienceOptions
}

/** The store of policies which name none. */
const MAIN = 'main'
/** What holds for decisions across stores as well, and so for all of them. */
const SHARED = ['deadline', 'replicas'] as const

/** The stores of a file that has no mistakes. */
export function storesOf({ store, stores }: FileShape): StoresConfig {
  if (stores === undefined) return { stores: { [MAIN]: openedBy(store) }, resilience: resilienceOf(store) }
  const { [MAIN]: main, ...others } = stores
  const named = Object.entries({ [MAIN]: main, ...others })
  // Who decides while a store fails is said of each, and so by its policies.
  const { onStoreError: _, ...resilience } = resilienceOf(main)
  return { stores: Object.fromEntries(named.map(([name, one]) => [name, openedBy(one)])), resilience }
}

/** A policy as the limiter is to have it, given the stores of the file. */
export function storedPolicy(policy: FilePolicy, { stores }: FileShape): PolicyOptions {
  const { store = MAIN, ...rest } = withoutOutcome(policy)
  const onStoreError = policy.onStoreError ?? stores?.[store]?.onStoreError
  const several = stores !== undefined && Object.keys(stores).length > 1
  return {
    ...rest,
    ...(onStoreError !== undefined && { onStoreError }),
    ...(several && policy.store !== undefined && { store }),
  }
}

/** A policy to be looked at where no store is open. */
export function withoutStore({ store: _, ...policy }: PolicyOptions): PolicyOptions {
  return policy
}

/** Whether a URL names a store in this process. In YAML a value that ends in a colon needs quotes, so that may be left out. */
export function isMemory(url: string): boolean {
  return url === 'memory' || url === 'memory:'
}

/** What is wrong with the stores of a file. */
export function storesMistakes({ store, stores }: FileShape): Mistake[] {
  if (stores === undefined) return []
  if (store !== undefined) return [{ path: ['stores'], message: 'give store or stores, not both' }]
  if (stores[MAIN] === undefined)
    return [{ path: ['stores'], message: `one of them must be named "${MAIN}"` }]
  return Object.entries(stores).flatMap(([name, one]) => {
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name)) {
      const fix = 'use up to 64 letters, digits, dashes and underscores, beginning with a letter'
      return [{ path: ['stores'], message: `${show(name)} is not a name; ${fix}` }]
    }
    const wrong = name === MAIN ? [] : SHARED.filter((field) => one[field] !== undefined)
    return wrong.map((field) => {
      return { path: ['stores', name, field], message: `holds for all stores; say it of "${MAIN}"` }
    })
  })
}

/** What is wrong with a policy, the only one looked at, whose store is none of these. */
export function storeMistake({ store }: FilePolicy, stores: object): Mistake | null {
  const names = Object.keys(stores)
  if (store === undefined || names.includes(store)) return null
  const fix = names.length === 0 ? '; name it under stores' : suggest(store, names)
  return { path: ['policies', 0, 'store'], message: `no store is named ${show(store)}${fix}` }
}

/** Policies whose store the file has and the process has not opened, which it does at the start. */
export function notOpenMistakes({ policies, stores = {} }: FileShape, open?: readonly string[]): Mistake[] {
  return policies.flatMap(({ store }, i) => {
    if (store === undefined || open?.includes(store) !== false || !Object.hasOwn(stores, store)) return []
    const message = `store ${show(store)} is not open; a restart opens it`
    return [{ path: ['policies', i, 'store'], message }]
  })
}

function openedBy({ url = 'memory', prefix = 'headgate' }: Partial<FileStore> = {}): StoreConfig {
  return { url, prefix }
}

function resilienceOf({ deadline, onStoreError, replicas }: Partial<FileStore> = {}): ResilienceOptions {
  return {
    ...(deadline !== undefined && { deadlineMs: parseDuration(deadline, 'store.deadline') }),
    ...(onStoreError !== undefined && { onStoreError }),
    ...(replicas !== undefined && { replicas }),
  }
}
