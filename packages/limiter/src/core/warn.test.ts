import { afterEach, expect, it, vi } from 'vitest'
import { distinctWarnings, warn, warnOnce } from './warn.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const code = 'HEADGATE_EVICTION'
const detail = 'docs/reference/warnings.md#headgate_eviction'

it('warns as the process does, and names the section about it', () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  warn(code, 'something is off')
  expect(emitted.mock.calls).toEqual([['something is off', { type: 'HeadgateWarning', code, detail }]])
})

it.each([undefined, {}])('warns on the console where the process cannot: process is %o', (process) => {
  vi.stubGlobal('process', process)
  const said = vi.spyOn(console, 'warn').mockImplementation(() => {})
  warn(code, 'something is off')
  expect(said.mock.calls).toEqual([[`HeadgateWarning [${code}]: something is off (${detail})`]])
})

it('warns once of each code, where once is enough', () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  for (const message of ['first', 'second']) {
    warnOnce('HEADGATE_SHARDS', message)
    warnOnce('HEADGATE_SCRIPT', message)
  }
  expect(emitted.mock.calls.map(([message]) => message)).toEqual(['first', 'first'])
})

it('warns of each message once, and of 16 different ones at most', () => {
  const emitted = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const warnOf = distinctWarnings(code)
  for (let i = 0; i < 40; i++) warnOf(`message ${i % 20}`)
  const all = Array.from({ length: 16 }, (_, i) => `message ${i}`)
  expect(emitted.mock.calls.map(([message]) => message)).toEqual(all)
})
