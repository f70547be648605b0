/** What is printed for a firewall, given to nft in a network namespace of its own, with the sets of the page. */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { readDocuments } from '../../../limiter/test/docs/documents.ts'
import { addElement, bannedNetwork, deleteElement, readSets } from '../../src/cli/remote/nft-elements.ts'

const APART = ['unshare', ['--net', 'sh', '-ec']] as const

function inNamespace(script: string): { readonly code: number | null; readonly output: string } {
  const [command, args] = APART
  const run = spawnSync(command, [...args, script], { encoding: 'utf8', timeout: 20_000 })
  return { code: run.status, output: `${run.stdout}${run.stderr}` }
}

const isPossible = inNamespace('nft list ruleset').code === 0
if (!isPossible) console.warn('nft.long.test: SKIPPED: it takes nft, and root or CAP_NET_ADMIN')

describe.skipIf(!isPossible)('nft (skipped without it, and without CAP_NET_ADMIN)', () => {
  it('takes the sets of the page, and every line', () => {
    const page = readDocuments().find(({ path }) => path === 'docs/reference/command-line.md')
    const [block = ''] =
      page?.blocks.map(({ text }) => text).filter((text) => text.startsWith('nft -f')) ?? []
    const sets = readSets('headgate', 'banned')
    const keys = ['192.0.2.7', '2001:db8:0:100:0:0:0:0', '64:ff9b:0:0:0:0:c000:207']
    const networks = keys.map((key) => bannedNetwork(key, { key: 'ip' }) as string)
    const lines = [
      ...networks.map((network) => addElement(sets, network, 600_000)),
      // Told again, as after this command was begun anew: newer kernels take the time of it, older ones keep the first.
      addElement(sets, '192.0.2.7', 500_000),
      deleteElement(sets, '64:ff9b:0:0:0:0:c000:207'),
    ]
    const [make, loop] = block.split(/\n(?=headgate watch)/)
    expect(loop).toMatch(/ \| while read -r line; do nft "\$line"; done$/)
    const feed = loop?.replace(/^.*? \| /, `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} | `)
    const { code, output } = inNamespace(`${make}\n${feed}\nnft list ruleset`)
    expect([code, output]).toEqual([0, expect.stringMatching(/192\.0\.2\.7 timeout (10m|8m20s)/)])
    expect(output).toContain('2001:db8:0:100::/56 timeout 10m')
    expect(output).not.toMatch(/64:ff9b|Error/)
  })
})
