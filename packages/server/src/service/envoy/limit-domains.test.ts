import { describe, expect, it } from 'vitest'
import { LIMIT_ATTRIBUTE, LimitDomains } from './limit-domains.ts'
import type { LimitNode } from './limit-node.ts'

const node = (
  [key, value = '']: readonly [string, string?],
  policy: string | null,
  more: Partial<LimitNode> = {},
): LimitNode => ({
  key,
  ...(value !== '' && { value }),
  isShared: false,
  ...(policy !== null && {
    limit: { policy, name: '', requestsPerUnit: 1, unit: 'DAY', replaces: [], isQuota: false },
  }),
  descriptors: [],
  ...more,
})

const domains = new LimitDomains([
  {
    domain: 'd',
    descriptors: [
      node(['path', '/a/*'], 'first'),
      node(['path', '/a/b/*'], 'second', { isShared: true }),
      node(['path', '/a/b'], 'exact'),
      node(['path', '*.png'], 'shared', { isShared: true }),
      node(['path'], 'bare'),
      node(['plan', 'gold'], null, { descriptors: [node(['user', 'root'], 'root')] }),
      node(['plan'], 'plan', { descriptors: [node(['user'], 'user')] }),
    ],
  },
])

const found = (...entries: [string, string][]): unknown => {
  const one = domains.find(
    'd',
    entries.map(([key, value]) => ({ key, value })),
  )
  return one === null ? null : Object.values(one.attributes)
}

describe('the limit of a descriptor', () => {
  it.each([
    ['the very value', [['path', '/a/b']], ['exact', '[["path","/a/b"]]']],
    [
      'else the first pattern of the file, each value by itself',
      [['path', '/a/b/c']],
      ['first', '[["path","/a/b/c"]]'],
    ],
    [
      'the pattern itself where its values share a budget',
      [['path', 'x.png']],
      ['shared', '[["path","*.png"]]'],
    ],
    ['else that of any value, also of none', [['path', '']], ['bare', '[["path",""]]']],
    [
      'that of the last entry',
      [
        ['plan', 'x'],
        ['user', 'u'],
      ],
      ['user', '[["plan","x"],["user","u"]]'],
    ],
    ['none for a key that is not there', [['tenant', 't']], null],
    ['none where the node has none', [['plan', 'gold']], null],
    [
      'none deeper than the tree',
      [
        ['path', '/a/b'],
        ['user', 'u'],
      ],
      null,
    ],
    [
      'none beside the way it went',
      [
        ['plan', 'gold'],
        ['user', 'u'],
      ],
      null,
    ],
    ['none for no entry', [], null],
  ] as [string, [string, string][], unknown][])('is %s', (_, entries, expected) => {
    expect(found(...entries)).toEqual(expected)
  })

  it('is found of the attributes of a request, which keep all others', () => {
    const descriptor = [{ key: 'path', value: 'x.png' }]
    const who = domains.complete({ user: 'alice', domain: 'd', descriptor })
    expect(who).toEqual({
      user: 'alice',
      domain: 'd',
      descriptor,
      [LIMIT_ATTRIBUTE]: 'shared',
      'envoy.key.shared': '[["path","*.png"]]',
    })
    for (const other of [
      'key',
      { domain: 'e', descriptor },
      { domain: 'd' },
      { descriptor },
      { domain: 'd', descriptor: [7] },
    ]) {
      expect(domains.complete(other as never)).toBe(other)
    }
  })
})
