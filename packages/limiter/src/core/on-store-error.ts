import { wrong } from './errors.ts'

/** What decides while the store cannot: a share of the limits in this process, everybody passes, or nobody does. */
export type OnStoreError = 'local' | 'open' | 'closed'

/** Refuses what is not one of the ways to behave while the store cannot answer. */
export function checkOnStoreError(value: unknown, path: string): void {
  if (value === undefined || value === 'local' || value === 'open' || value === 'closed') return
  throw wrong(value, 'is not a mode; use local, open or closed', path)
}
