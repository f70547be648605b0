import { describe, expect, it } from 'vitest'
import { parseConfig } from './config.ts'
import type { Replacements } from './replaced.ts'
import { worstCases } from './worst-case.ts'

const policy = (text: string): string => `policies:\n  - name: a\n    rules: [1/s]\n    ${text}\n`

describe('several stores', () => {
  const text = `stores:
  audit: { url: "redis://a", onStoreError: open }
  main: { url: memory, deadline: 5ms, onStoreError: closed, replicas: 3 }
policies:
  - { name: a, key: ip, rules: [1/s] }
  - { name: b, key: ip, rules: [2/s], store: audit }
  - { name: c, key: ip, rules: [3/s], store: main, onStoreError: local }
`
  const config = parseConfig(text, 'f')

  it('begin with main, whose deadline and replicas are those of all', () => {
    expect(Object.entries(config.stores)).toEqual([
      ['main', { url: 'memory', prefix: 'headgate' }],
      ['audit', { url: 'redis://a', prefix: 'headgate' }],
    ])
    expect([config.resilience, config.notInForce]).toEqual([{ deadlineMs: 5, replicas: 3 }, []])
  })

  it('say for their policies what decides while they fail', () => {
    expect(config.policies.map(({ store, onStoreError }) => [store, onStoreError])).toEqual([
      [undefined, 'closed'],
      ['audit', 'open'],
      ['main', 'local'],
    ])
  })

  it('have their worst cases said in words', () => {
    expect(worstCases(config.policies)).toHaveLength(3)
  })

  it('may be a single one', () => {
    const one = parseConfig(`stores: { main: { url: memory } }\n${policy('store: main')}`, 'f')
    expect(one.stores).toEqual({ main: { url: 'memory', prefix: 'headgate' } })
    expect(one.policies[0]).not.toHaveProperty('store')
  })

  it.each([
    [
      'store and stores',
      `store: { url: memory }\nstores: { main: { url: memory } }\n${policy('')}`,
      'give store or stores, not both',
    ],
    [
      'stores without main',
      `stores: { a: { url: memory } }\n${policy('')}`,
      'one of them must be named "main"',
    ],
    [
      'a store that calls itself strangely',
      `stores: { main: { url: memory }, 7: { url: memory } }\n${policy('')}`,
      'stores: "7" is not a name',
    ],
    [
      'a deadline of one store of several',
      `stores: { main: { url: memory }, audit: { url: memory, deadline: 5ms } }\n${policy('')}`,
      'f:1:56 stores.audit.deadline: holds for all stores; say it of "main"',
    ],
    [
      'a store nearly right',
      `stores: { main: { url: memory }, audit: { url: memory } }\n${policy('store: audti')}`,
      'policies[0].store: no store is named "audti" (did you mean "audit"?)',
    ],
    [
      'a URL that is none, without its password',
      `store: { url: 'redis://u:s3cr3t@ss/w0rd@h:6379' }\n${policy('')}`,
      'f:1:10 store.url: "redis://***@h:6379" is not a Redis URL',
    ],
  ])('with %s are refused', (_, text, message) => {
    expect(() => parseConfig(text, 'f')).toThrow(message)
  })
})

describe('what the command line says in place of a store', () => {
  const of = (store: string, replacements: Replacements) => {
    const { stores, resilience, policies } = parseConfig(`${store}\n${policy('')}`, 'f', { replacements })
    return { url: stores['main']?.url, onStoreError: resilience.onStoreError ?? policies[0]?.onStoreError }
  }
  const replacements: Replacements = { store: 'redis://a:1', onStoreError: 'closed' }

  it.each(['', 'store: { url: "redis://b:1", onStoreError: open }', 'stores: { main: { url: memory } }'])(
    'holds where the file has "%s"',
    (store) => {
      expect(of(store, replacements)).toEqual({ url: 'redis://a:1', onStoreError: 'closed' })
    },
  )

  it('leaves the rest as it is', () => {
    const text = `store: { url: "redis://b:1", prefix: p }\n${policy('onStoreError: open')}`
    const { stores, policies } = parseConfig(text, 'f', { replacements })
    expect([stores['main'], policies[0]?.onStoreError]).toEqual([{ url: 'redis://a:1', prefix: 'p' }, 'open'])
    expect(of('store: { url: "redis://b:1" }', {})).toEqual({ url: 'redis://b:1', onStoreError: undefined })
  })

  it('is no URL for several', () => {
    const several = 'stores: { main: { url: memory }, audit: { url: memory } }'
    expect(() => of(several, { store: 'memory' })).toThrow('in place of one store, and the file has several')
    expect(of(several, { onStoreError: 'closed' })).toEqual({ url: 'memory', onStoreError: 'closed' })
  })
})
