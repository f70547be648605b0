import { wrong } from './errors.ts'

/**
 * What decides while the store does not answer: `local`, this process by its share of the limits; `open`, every request
 * passes; `closed`, every request is denied.
 */
export type OnStoreError = 'local' | 'open' | 'closed'

/** Checks an `onStoreError`, which may be undefined; anything else is an `invalid-options` error at `path`. */
export function checkOnStoreError(value: unknown, path: string): void {
  if (value === undefined || value === 'local' || value === 'open' || value === 'closed') return
  throw wrong(value, 'is not a mode; use local, open or closed', path)
}
