import { maskUrl } from '../config/mask-url.ts'
import { flagOf } from './option-table.ts'
import type { ProxyOptions, ServeOptions } from './serve-options.ts'

/** Options of `headgate serve` or `proxy` as they may be shown, by their flags: times in milliseconds, URLs without passwords. */
export function shownOptions({ proxy, ...options }: ServeOptions): Record<string, string | number | null> {
  const all = Object.entries({ ...options, ...proxy })
  return Object.fromEntries(all.map(([name, value]) => [flagOf(name), shown(value)]))
}

function shown(value: Exclude<ServeOptions[keyof ServeOptions], ProxyOptions>): string | number | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'object') return 'path' in value ? value.path : value.join(',') || 'none'
  return value.includes('://') || value.includes('@') ? maskUrl(value) : value
}
