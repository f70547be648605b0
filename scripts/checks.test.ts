import { describe, expect, it } from 'vitest'
import { isTooLong } from './check-lines.ts'
import { lockfileProblems } from './check-lockfile.ts'
import { leakedResources } from './leaked-resources.ts'
import { countTests } from './summary-reporter.ts'

describe('the file length check', () => {
  it('refuses 401 lines, allows 400, and ignores generated files', () => {
    expect(isTooLong('a.ts', 'x\n'.repeat(401))).toBe(true)
    expect(isTooLong('a.ts', 'x\n'.repeat(400))).toBe(false)
    expect(isTooLong('scripts.gen.ts', 'x\n'.repeat(401))).toBe(false)
  })
})

describe('the lockfile check', () => {
  it('refuses download addresses and missing optional packages', () => {
    const locked = {
      'node_modules/a': { resolved: 'https://example.org/a.tgz', optionalDependencies: { b: '1', c: '1' } },
      'node_modules/b': {},
      'node_modules/ours': { resolved: 'packages/ours', link: true },
    }
    expect(lockfileProblems(locked)).toEqual([
      'node_modules/a records its download address',
      'node_modules/a wants c, which the lockfile lacks',
    ])
  })

  it('finds an optional package beside the one that wants it', () => {
    const locked = {
      'node_modules/a': { optionalDependencies: { b: '1' } },
      'node_modules/a/node_modules/b': {},
    }
    expect(lockfileProblems(locked)).toEqual([])
  })
})

describe('the leak check', () => {
  it('names each resource that was not open before', () => {
    const after = ['PipeWrap', 'PipeWrap', 'Timeout', 'TCPServerWrap']
    expect(leakedResources(['PipeWrap'], after)).toEqual(['PipeWrap', 'Timeout', 'TCPServerWrap'])
    expect(leakedResources(['PipeWrap', 'Timeout'], ['PipeWrap'])).toEqual([])
  })
})

describe('the last line of a test run', () => {
  it('counts a broken file and an unhandled error as failures', () => {
    const modules = [fakeModule('failed', ['passed', 'failed']), fakeModule('failed', ['skipped'])]
    expect(countTests(modules, 1)).toBe('1 passed, 3 failed, 1 skipped')
  })
})

function fakeModule(state: 'failed' | 'passed', results: readonly string[]) {
  const allTests = () => results.map((result) => ({ result: () => ({ state: result }) }))
  return { state: () => state, children: { allTests } } as unknown as Parameters<typeof countTests>[0][number]
}
