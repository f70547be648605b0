import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fileCycles, forbiddenImports, twinNames } from './architecture.ts'

const limiter = 'packages/limiter/src'
const server = 'packages/server/src'

const sources = new Map(
  globSync('packages/*/src/**/*.{ts,tsx}').map((path) => [
    path.replaceAll('\\', '/'),
    readFileSync(path, 'utf8'),
  ]),
)

describe('the direction of imports', () => {
  it('holds in every source file', () => {
    expect(sources.size).toBeGreaterThan(100)
    expect([...sources].flatMap(([path, source]) => forbiddenImports(path, source))).toEqual([])
  })

  it.each([
    [`${limiter}/core/rule.ts`, `import { x } from './algorithms/bucket.ts'`],
    [`${limiter}/core/rule.ts`, `/** import { x } from '../http/a.ts' */ const glob = '/v2/**'`],
    [`${limiter}/stores/redis/index.ts`, `import type { Store } from '../../core/store.ts'`],
    [`${limiter}/create-limiter.ts`, `import { memoryStore } from './stores/memory/index.ts'`],
    [`${limiter}/entries/index.ts`, `export { createLimiter } from '../create-limiter.ts'`],
    [`${limiter}/entries/redis.ts`, `import { guarded } from '../resilience/guarded.ts'`],
    [`${server}/service/a.ts`, `import { guarded } from 'headgate/resilience'`],
    [`${limiter}/core/rule.test.ts`, `import { it } from 'vitest'; import { c } from '../testing/clock.ts'`],
    [`${server}/service/service.ts`, `import { createLimiter } from 'headgate'`],
    [`${server}/transports/http/server.ts`, `import type { Decision } from 'headgate'`],
    [`${server}/transports/http/server.ts`, `import { problemOf } from 'headgate/http'`],
    [`${server}/cli/main.ts`, `import { createHttp } from '../transports/http/server.ts'`],
  ])('allows in %s: %s', (path, source) => {
    expect(forbiddenImports(path, source)).toEqual([])
  })

  it.each([
    [`${limiter}/core/rule.ts`, `import { x } from '../policies/a.ts'`, 'limiter/core -> limiter/policies'],
    [`${limiter}/core/rule.ts`, `import { createHash } from 'node:crypto'`, 'limiter/core -> node'],
    [`${limiter}/core/rule.ts`, `type X = import('../http/a.ts').X`, 'limiter/core -> limiter/http'],
    [`${limiter}/core/rule.ts`, `export { x } from '../entries/index.ts'`, 'limiter/core -> limiter/entries'],
    [`${limiter}/core/rule.test.ts`, `import { x } from '../http/a.ts'`, 'limiter/core -> limiter/http'],
    [`${limiter}/core/rule.ts`, `import { it } from 'vitest'`, 'limiter/core -> npm'],
    [
      `${limiter}/stores/memory/index.ts`,
      `const m = await import('../redis/index.ts')`,
      'limiter/stores/memory -> limiter/stores/redis',
    ],
    [
      `${limiter}/policies/a.ts`,
      `import type { X } from '../resilience/b.ts'`,
      'limiter/policies -> limiter/resilience',
    ],
    [
      `${limiter}/stores/redis/index.ts`,
      `import { guarded } from '../../resilience/guarded.ts'`,
      'limiter/stores/redis -> limiter/resilience',
    ],
    [
      `${limiter}/resilience/a.ts`,
      `import { memoryStore } from '../stores/memory/index.ts'`,
      'limiter/resilience -> limiter/stores/memory',
    ],
    [`${limiter}/policies/a.ts`, 'await import(process.argv[2])', 'limiter/policies -> a computed path'],
    [`${server}/service/a.ts`, `import { x } from '../telemetry/b.ts'`, 'server/service -> server/telemetry'],
    [
      `${server}/service/a.ts`,
      `import { x } from 'headgate/core'`,
      'server/service -> an unpublished subpath',
    ],
    [
      `${server}/service/a.ts`,
      `import { x } from '../../../limiter/src/entries/index.ts'`,
      'server/service -> limiter/entries',
    ],
    [
      `${server}/transports/a.ts`,
      `import { createLimiter } from 'headgate'`,
      'server/transports -> headgate',
    ],
    [`${server}/proxy/a.ts`, `import { x } from '../transports/b.ts'`, 'server/proxy -> server/transports'],
  ])('refuses in %s: %s', (path, source, edge) => {
    expect(forbiddenImports(path, source)).toEqual([
      expect.stringContaining(`the edge ${edge} is not allowed`),
    ])
  })

  it('refuses a file outside every room', () => {
    expect(forbiddenImports(`${limiter}/utils/a.ts`, '')).toEqual([
      expect.stringContaining('lies in no room'),
    ])
  })
})

describe('files', () => {
  it('have names of their own, unless they do the same job in sibling folders', () => {
    expect(twinNames([...sources.keys()])).toEqual([])
  })

  it.each([
    ['two jobs under one name', [`${limiter}/core/check.ts`, `${server}/cli/check.ts`], 1],
    ['an entry and what it exports', [`${limiter}/entries/store.ts`, `${limiter}/core/store.ts`], 0],
    [
      'one job in each transport',
      [`${server}/transports/a/decode.ts`, `${server}/transports/b/decode.ts`],
      0,
    ],
    ['a transport and another room', [`${server}/transports/a/decode.ts`, `${server}/config/decode.ts`], 1],
    ['a file and its test', [`${limiter}/core/key.ts`, `${limiter}/core/key.test.ts`], 0],
  ])('are looked through for twins: %s', (_, paths, count) => {
    expect(twinNames(paths)).toHaveLength(count)
  })

  it('never import each other in a ring', () => {
    expect(fileCycles(sources)).toEqual([])
  })

  it.each([
    ['two files', ['b', 'a'], ['a -> b -> a']],
    ['a file and itself', ['a'], ['a -> a']],
    ['a ring behind a file that is not part of it', ['b', 'c', 'b'], ['b -> c -> b']],
    ['a file that two others need', ['b c', 'c', ''], []],
  ])('are looked through for %s', (_, imports, cycles) => {
    const files = imports.map((names, i) => [`src/${'abc'[i]}.ts`, importing(names)] as const)
    expect(fileCycles(new Map(files)).map((ring) => ring.replaceAll(/src\/|\.ts/g, ''))).toEqual(cycles)
  })

  it('count as importing what they take types from or load later', () => {
    const files = new Map([
      ['src/a.ts', `import type { B } from './b.ts'`],
      ['src/b.ts', `await import('../src/a.ts')`],
    ])
    expect(fileCycles(files)).toEqual(['src/a.ts -> src/b.ts -> src/a.ts'])
  })
})

function importing(names: string): string {
  const wanted = names.split(' ').filter((name) => name !== '')
  return wanted.map((name) => `import './${name}.ts'`).join('\n')
}
