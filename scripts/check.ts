/** `npm run check`: everything that must hold besides the tests. Runs all steps and names the failing ones. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'

interface Step {
  readonly name: string
  readonly command: string
}

const concurrency = 2

/** The other steps read what this one builds. */
const build: Step = { name: 'types', command: 'tsc -b' }

const steps: readonly Step[] = [
  {
    name: 'coverage of core',
    command:
      'vitest run --project limiter --coverage packages/limiter/src packages/limiter/test/algorithms packages/limiter/test/contract/memory.test.ts packages/limiter/test/resilience/deny-cache.test.ts',
  },
  { name: 'package types', command: 'attw --pack packages/limiter --profile esm-only --no-emoji' },
  { name: 'package headgate', command: 'publint run --strict packages/limiter' },
  { name: 'package headgate-server', command: 'publint run --strict packages/server' },
  { name: 'unused code', command: 'knip --treat-config-hints-as-errors --treat-tag-hints-as-errors' },
  { name: 'architecture', command: 'vitest run scripts/architecture.test.ts' },
  { name: 'format and lint', command: 'biome check --error-on-warnings' },
  { name: 'floating promises', command: 'oxlint --deny-warnings' },
  { name: 'floating promises, proof', command: 'node scripts/check-floating-promises.ts' },
  { name: 'file length', command: 'node scripts/check-lines.ts' },
  { name: 'lockfile', command: 'node scripts/check-lockfile.ts' },
  { name: 'documents', command: 'node scripts/check-docs.ts' },
  ...generated('Lua', 'scripts/build-lua.ts'),
  ...generated('codecs', 'scripts/build-proto.ts'),
  ...generated('reference', 'scripts/build-reference.ts'),
  ...generated('API reference', 'scripts/build-api-reference.ts'),
]

process.chdir(resolve(import.meta.dirname, '..'))
process.env['PATH'] = `${resolve('node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`

const failed: string[] = []
await run(build)
const queue = [...steps]
await Promise.all(Array.from({ length: concurrency }, work))
if (failed.length > 0) {
  console.error(`\ncheck failed: ${failed.join(', ')}`)
  process.exitCode = 1
}

async function work(): Promise<void> {
  for (let step = queue.shift(); step; step = queue.shift()) await run(step)
}

async function run({ name, command }: Step): Promise<void> {
  const start = performance.now()
  const { code, output } = await shell(command)
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(26)} ${seconds.padStart(5)} s`)
  if (code === 0) return
  failed.push(name)
  console.log(`\n$ ${command}\n${output}`)
}

function shell(command: string): Promise<{ code: number | null; output: string }> {
  const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk) => (output += chunk))
  child.stderr.on('data', (chunk) => (output += chunk))
  return new Promise((done) => child.on('close', (code) => done({ code, output })))
}

function generated(what: string, script: string): Step[] {
  return existsSync(script) ? [{ name: `generated ${what} fresh`, command: `node ${script} --check` }] : []
}
