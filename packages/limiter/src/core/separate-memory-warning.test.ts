import { afterEach, expect, it, vi } from 'vitest'
import { warnOfSeparateMemory } from './separate-memory-warning.ts'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.unstubAllGlobals()
})

interface Sibling {
  readonly env?: Readonly<Record<string, string>>
  readonly send?: () => void
  readonly id?: number
}

function warned({ env = {}, send, id }: Sibling): unknown[] {
  const emitWarning = vi.fn()
  const getBuiltinModule = () => ({ worker: id === undefined ? undefined : { id } })
  vi.stubGlobal('process', { env, send, emitWarning, getBuiltinModule })
  warnOfSeparateMemory()
  return emitWarning.mock.calls.map(([message]) => message)
}

it.each<[string, Sibling]>([
  ['alone', {}],
  ['the first instance of PM2', { env: { NODE_APP_INSTANCE: '0' } }],
  ['the first worker of a cluster', { send: () => {}, id: 1 }],
  ['a process that was forked', { send: () => {} }],
])('says nothing to a process that is %s', (_, sibling) => {
  expect(warned(sibling)).toEqual([])
})

it('tells a process that is one of several, once', () => {
  expect(warned({ send: () => {}, id: 2 })).toEqual([
    expect.stringMatching(/^This process is worker 2 of a cluster, .*; use redisStore of headgate\/redis$/),
  ])
  expect(warned({ env: { NODE_APP_INSTANCE: '3' } })).toEqual([])
})
