import { HeadgateError, type OnStoreError } from 'headgate'
import type { FileShape } from './schema/file-shape.ts'

/** What a command line or the environment says in place of a file. */
export interface Replacements {
  /** The URL of the store; a file with several refuses it. */
  readonly store?: string | undefined
  /** What decides while a store does not answer, but for policies that say so themselves. */
  readonly onStoreError?: OnStoreError | undefined
  /** Where the proxy sends what no route sends elsewhere. */
  readonly upstream?: string | undefined
}

/** A file as if it said where its proxy sends requests. */
export function withUpstream(shape: FileShape, { upstream }: Replacements): FileShape {
  return upstream === undefined ? shape : { ...shape, proxy: { ...shape.proxy, upstream } }
}

/** A file as if it said what replaces it. */
export function replaced(shape: FileShape, { store: url, onStoreError }: Replacements): FileShape {
  const { store, stores } = shape
  const changes = { ...(url !== undefined && { url }), ...(onStoreError !== undefined && { onStoreError }) }
  if (stores === undefined) {
    return Object.keys(changes).length === 0
      ? shape
      : { ...shape, store: { url: 'memory', ...store, ...changes } }
  }
  const several = Object.entries(stores)
  if (url !== undefined && several.length > 1) {
    const message =
      '--store (or HEADGATE_STORE) is in place of one store, and the file has several; change their URLs there'
    throw new HeadgateError('invalid-options', message)
  }
  return {
    ...shape,
    stores: Object.fromEntries(several.map(([name, one]) => [name, { ...one, ...changes }])),
  }
}
