/** The pages about the Redis protocol: their commands are those of the table, and their lines are answered as they say. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { blocksOf, readDocuments, root } from '../../../limiter/test/docs/documents.ts'
import { COMMAND_TABLE } from '../../src/transports/resp/command-table.ts'
import { respServer } from './resp-server.ts'

const GUIDE = 'docs/guide/redis-protocol.md'
const REFERENCE = 'docs/reference/redis-protocol.md'
const guide = readDocuments().filter(({ path }) => path === GUIDE)

describe('pages about the Redis protocol', () => {
  it('list all commands, as help shows them', () => {
    const page = readFileSync(join(root, REFERENCE), 'utf8')
    const listed = [...page.matchAll(/^\| `([A-Z][^`]*)` \|/gm)].map(([, usage]) =>
      usage?.replaceAll('\\|', '|'),
    )
    const commands = [...COMMAND_TABLE.values()].map(({ name, usage }) => `${name} ${usage}`.trimEnd())
    expect(listed).toEqual(commands)
  })

  it('have lines that are answered, as they say where they do', async () => {
    await using server = await respServer('policies: [{ name: api, key: user, rules: [10/min] }]')
    const texts = blocksOf(guide, 'text').map(({ text }) => text.trim())
    const shell = blocksOf(guide, 'sh').flatMap(({ text }) => text.trim().split('\n'))
    const lines = shell.filter((line) => line !== 'npx headgate serve')
    const answers: string[] = []
    for (const line of lines) {
      expect(line).toMatch(/^redis-cli -p 6380 /)
      const command = line.replace('6380', String(server.port))
      answers.push((await promisify(execFile)('sh', ['-c', command])).stdout.trim())
    }
    expect(answers[0]).toBe(texts[0])
    expect(answers[1]).toMatch(/^allowed\n1\nreason\nwithin-limit\n.*\nremaining\n8\n/s)
    expect(answers[2]).toMatch(/\nremaining\n8\n/)
    expect(answers[3]).toBe('api')
  })
})
