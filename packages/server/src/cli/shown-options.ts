import { maskUrl } from '../config/mask-url.ts'
import { flagOf } from './option-table.ts'
import type { ServeOptions } from './serve-options.ts'

/** Options of `headgate serve` as they may be shown, by their flags: times in milliseconds, URLs without passwords. */
export function shownOptions(options: ServeOptions): Record<string, string | number | null> {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [flagOf(name), shown(value)]))
}

function shown(value: ServeOptions[keyof ServeOptions]): string | number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'object') return 'path' in value ? value.path : value.join(',') || 'none'
  return value.includes('://') || value.includes('@') ? maskUrl(value) : value
}
