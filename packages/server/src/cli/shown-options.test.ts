import { describe, expect, it } from 'vitest'
import { resolveOptions } from './option-table.ts'
import { SERVE_OPTIONS } from './serve-options.ts'
import { shownOptions } from './shown-options.ts'

describe('options of serve', () => {
  it('are shown by their flags, without passwords', () => {
    const typed = {
      store: 'redis://user:hunter2@redis:6379/1',
      port: '/run/h.sock',
      adminPort: 'off',
    }
    const shown = shownOptions(resolveOptions(SERVE_OPTIONS, typed, {}))
    expect(shown).toMatchObject({
      '--store': 'redis://***@redis:6379/1',
      '--port': '/run/h.sock',
      '--admin-port': 'off',
      '--drain-timeout': 10_000,
      '--config': null,
    })
    expect(JSON.stringify(shown)).not.toContain('hunter2')
  })
})
