import { invalid, show } from './errors.ts'
import type { Store } from './store.ts'
import { isRecord } from './validate.ts'

const methods = ['decide', 'refund', 'reset', 'block', 'close'] as const

/** Checks a store. The error does not show a text, which may be a URL with a password. */
export function checkStore(value: unknown, path: string): asserts value is Store {
  const store = (isRecord(value) ? value : {}) as Partial<Store>
  if (methods.every((method) => typeof store[method] === 'function')) return
  throw invalid(
    path,
    `${kindOf(value)} is not a store; pass redisStore(url) of headgate/redis, or memoryStore()`,
  )
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'function') return 'a function'
  return value instanceof Promise ? 'a promise' : show(value)
}
