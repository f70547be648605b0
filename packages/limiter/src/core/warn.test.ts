import { afterEach, expect, it, vi } from 'vitest'
import { warn } from './warn.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const page = { code: 'HEADGATE_TEST', detail: 'docs/page.md' }

it('warns as the process does', () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  warn('something is off', page)
  expect(emitted.mock.calls).toEqual([['something is off', { type: 'HeadgateWarning', ...page }]])
})

it.each([undefined, {}])('warns on the console where the process cannot: process is %o', (process) => {
  vi.stubGlobal('process', process)
  const said = vi.spyOn(console, 'warn').mockImplementation(() => {})
  warn('something is off', page)
  expect(said.mock.calls).toEqual([['HeadgateWarning [HEADGATE_TEST]: something is off (docs/page.md)']])
})
