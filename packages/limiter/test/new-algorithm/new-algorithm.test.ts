import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { RedisServer } from '../redis-server.ts'
import { WorkspaceCopy } from './workspace-copy.ts'

const kind = 'quiet-window'
const algorithm = `src/core/algorithms/${kind}.ts`
const registry = 'src/core/algorithms/registry.ts'
const lua = `src/stores/redis/lua/algorithms/${kind}.lua`
const models = 'test/oracle/models.ts'
const parity = 'packages/limiter/test/new-algorithm/short-parity.ts'
const alike = /^3000 operations alike, \d{3,} of them spends$/

describe('a new algorithm', () => {
  let copy: WorkspaceCopy
  let server: RedisServer

  beforeAll(async () => {
    server = await RedisServer.start()
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    copy = new WorkspaceCopy()
  })
  afterEach(() => {
    copy[Symbol.dispose]()
  })

  it('is a file and a line of the registry to the store in memory', () => {
    addAlgorithm(copy)
    expect(copy.run(parity, kind)).toMatch(alike)
  })

  it('is its Lua as well to Redis', () => {
    addAlgorithm(copy)
    addLua(copy)
    expect(copy.run(parity, kind, server.url)).toMatch(alike)
  })

  it('is refused without its line', () => {
    copy.add('quiet-window.ts.txt', algorithm)
    expect(copy.run(parity, kind)).toContain(`"${kind}" is not an algorithm`)
  })

  it('is compared with its model number for number in memory', () => {
    addAlgorithm(copy)
    copy.edit(algorithm, 'now + t.windowUs', 'now + t.windowUs - 1')
    expect(copy.run(parity, kind)).toMatch(/^operation \d+: /)
  })

  it('is compared with its model number for number in Redis', () => {
    addAlgorithm(copy)
    copy.add('quiet-window.lua', lua)
    copy.edit(lua, '$spent_at, $used = now + $window, now,', '$spent_at, $used = now + $window - 1, now,')
    copy.run('scripts/build-lua.ts')
    expect(copy.run(parity, kind, server.url)).toMatch(/^operation \d+: /)
  })
})

/** Its TypeScript, its line in the registry, and the model with a line of its own. */
function addAlgorithm(copy: WorkspaceCopy): void {
  copy.add('quiet-window.ts.txt', algorithm)
  insertBefore(copy, registry, {
    'import { slidingLog,': `import { quietWindow } from './${kind}.ts'`,
    "  ['sliding-log', slidingLog],": `  ['${kind}', quietWindow],`,
  })
  copy.add('quiet-window.model.ts.txt', `test/oracle/${kind}.ts`)
  insertBefore(copy, models, {
    'import { slidingModel }': `import { quietModel } from './${kind}.ts'`,
    "  'sliding-window': slidingModel,": `  '${kind}': quietModel,`,
  })
}

function addLua(copy: WorkspaceCopy): void {
  copy.add('quiet-window.lua', lua)
  expect(copy.run('scripts/build-lua.ts')).toBe('')
}

function insertBefore(copy: WorkspaceCopy, path: string, lines: Readonly<Record<string, string>>): void {
  for (const [before, line] of Object.entries(lines)) copy.edit(path, before, `${line}\n${before}`)
}
