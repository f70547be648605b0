/** Fails when code in the documents does not compile, a sample configuration is refused, a link leads nowhere, or no list names a page. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { relative } from 'node:path'
import type { Block } from '../packages/limiter/test/docs/document.ts'
import {
  blocksOf,
  brokenLinks,
  longDocuments,
  readDocuments,
  root,
} from '../packages/limiter/test/docs/documents.ts'
import { Scratch } from '../packages/limiter/test/docs/scratch.ts'
import { unlistedDocuments } from './site/navigation.ts'

const headgate = 'packages/server/dist/cli/main.js'

if (import.meta.main) {
  using scratch = new Scratch()
  const documents = readDocuments()
  const problems = [
    ...brokenLinks(documents),
    ...longDocuments(documents),
    ...unlistedDocuments(documents),
    ...typeErrors(blocksOf(documents, 'ts'), scratch),
    ...blocksOf(documents, 'yaml').flatMap((block) => sampleProblems(block, scratch)),
  ]
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
}

/** Compiles blocks as modules; names each mistake by its place in the document. */
function typeErrors(blocks: readonly Block[], scratch: Scratch): string[] {
  const documents = new Map(
    blocks.map((block) => {
      const file = scratch.write(block, 'ts', block.source)
      return [relative(root, file), block.place.replace(/:\d+$/, '')]
    }),
  )
  const { status, stdout } = run('tsc', ['-p', scratch.path, '--pretty', 'false'])
  if (status === 0) return []
  return stdout
    .trim()
    .split('\n')
    .map((text) => {
      const [place = '', file = '', line] = /^(\S+)\((\d+),\d+\)/.exec(text) ?? []
      return documents.has(file) ? `${documents.get(file)}:${line}${text.slice(place.length)}` : text
    })
}

/** Lets `headgate check` read a sample; what this version does not do must be marked `yaml not-in-force`. */
function sampleProblems(block: Block, scratch: Scratch): string[] {
  const { place, flags } = block
  const { status, stdout, stderr } = run(process.execPath, [
    headgate,
    'check',
    scratch.write(block, 'yaml', block.text),
  ])
  if (status !== 0) return [`${place} ${stderr.trim()}`]
  const warns = stdout.includes('\nwarning: ')
  return warns === flags.includes('not-in-force') ? [] : [`${place} is not in force as it says:\n${stdout}`]
}

function run(command: string, args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
