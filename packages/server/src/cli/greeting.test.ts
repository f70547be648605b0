import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { exampleFor } from '../config/example.ts'
import { greeting, tryLines } from './greeting.ts'

const url = 'http://127.0.0.1:1'

/** The arguments a shell makes of a line, without the command. */
function words(line: string): string[] {
  return execFileSync('sh', ['-c', line.replace('curl', "printf '%s\\n'")], { encoding: 'utf8' })
    .trim()
    .split('\n')
}

describe('tryLines', () => {
  it('asks once, twice for all there is, and for the policies', async () => {
    const lines = tryLines(url, await exampleFor([{ name: 'p', key: 'user', rules: ['5/10s', '100/day'] }]))
    expect(lines.map((line) => words(line).slice(-3))).toEqual([
      ['-d', '{"attributes":{"user":"alice"}}', `${url}/v1/consume`],
      ['{"attributes":{"user":"bob"},"cost":5}', `${url}/v1/consume`, `${url}/v1/consume`],
      ['-s', `${url}/v1/policies`],
    ])
  })

  it('meets the match of the first policy that is on', async () => {
    const off = { name: 'o', mode: 'off', rules: ['1/s'] } as const
    const match = { path: '/v2/**', method: ["PO'ST", 'PUT'], plan: 3 }
    const [first = ''] = tryLines(
      url,
      await exampleFor([off, { name: 'p', match, key: 'ip', rules: ['1/s'] }]),
    )
    const attributes = { ip: '203.0.113.7', path: '/v2/x', method: "PO'ST", plan: 3 }
    expect(words(first)).toContain(JSON.stringify({ attributes }))
  })

  it('gives an address where another policy needs one', async () => {
    const other = { name: 'o', key: 'tenant', rules: ['3/s'] }
    const lines = tryLines(url, await exampleFor([{ name: 'p', key: 'user', rules: ['5/s'] }, other]))
    expect(lines[0]).toContain('{"ip":"203.0.113.7","user":"alice"}')
    expect(lines[1]).toContain('"cost":3')
  })

  it('reaches a Unix socket', async () => {
    const [first = '', last = ''] = tryLines("unix:/run/a b's.sock", await exampleFor([]))
    expect(words(first)).toEqual(expect.arrayContaining(['--unix-socket', "/run/a b's.sock"]))
    expect(words(last).at(-1)).toBe('http://localhost/v1/policies')
  })

  it('leaves the denial out where nothing is admitted or nothing is limited', async () => {
    expect(tryLines(url, await exampleFor([{ name: 'p', key: 'user', rules: ['0/min'] }]))).toHaveLength(2)
    expect(tryLines(url, await exampleFor([]))).toHaveLength(2)
  })
})

describe('greeting', () => {
  it('points at settings that are not in force', () => {
    const said = { url, dashboard: null, lines: ['curl x'], isSample: false }
    expect(greeting({ ...said, notInForce: 0 })).not.toContain('in force')
    expect(greeting({ ...said, notInForce: 3 })).toContain('3 settings are not in force')
  })

  it('says what curl needs for TLS', () => {
    const said = { dashboard: null, lines: [], isSample: false, notInForce: 0 }
    expect(greeting({ ...said, url: 'https://127.0.0.1:8443' })).toContain('--cacert')
    expect(greeting({ ...said, url })).not.toContain('--cacert')
  })

  it('begins with the dashboard, where there is one', () => {
    const said = { url, lines: [], isSample: false, notInForce: 0 }
    expect(greeting({ ...said, dashboard: 'http://127.0.0.1:9090/' })).toMatch(
      /^\nDashboard: http:\/\/127\.0\.0\.1:9090\/\n/,
    )
    expect(greeting({ ...said, dashboard: null })).not.toContain('Dashboard')
  })

  it('says that nobody brought a configuration', () => {
    const text = greeting({ url, dashboard: null, lines: [], isSample: true, notInForce: 0 })
    expect(text).toContain('Its sample is in force: there is no headgate.yaml here')
  })
})
