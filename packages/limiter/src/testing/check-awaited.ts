import { invalid } from '../core/errors.ts'

/** Refuses a promise, about which nothing can be asserted: without its `await` a test would pass whatever came. */
export function checkAwaited(value: unknown, path: string): void {
  const { then }: { readonly then?: unknown } = value ?? {}
  if (typeof then === 'function') throw invalid(path, 'is a promise; await it first')
}
