/** `npm run test:node -- 22`: all tests on another Node than the one that development uses; it comes as a package of npm. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const installMs = 300_000

if (import.meta.main) {
  const [major = '', ...tests] = process.argv.slice(2)
  process.exitCode = /^\d+$/.test(major)
    ? testOn(major, tests)
    : fail('name a version, as in npm run test:node -- 22')
}

function testOn(major: string, tests: readonly string[]): number {
  // Only the binary: the package `node` has a script that finds this one.
  const name = `node-${process.platform}-${process.arch}`
  const folder = join(root, 'node_modules/.cache/headgate-node', major)
  const bin = join(folder, 'node_modules', name, 'bin')
  if (!existsSync(bin)) {
    const args = ['install', '--no-save', '--ignore-scripts', '--prefix', folder, `${name}@${major}`]
    const { status } = spawnSync('npm', args, { cwd: root, stdio: 'inherit', timeout: installMs })
    if (status !== 0) return fail(`npm cannot install ${name}@${major}: let it reach a registry that has it`)
  }
  const version = spawnSync(join(bin, 'node'), ['--version'], { encoding: 'utf8' }).stdout?.trim()
  if (!version?.startsWith(`v${major}.`)) return fail(`${bin}/node is not Node ${major}: it says ${version}`)
  console.log(`Node ${version}`)
  return runTests({ bin, version, tests })
}

/** Not by npm, which puts the Node of development before all others. */
function runTests(run: { bin: string; version: string; tests: readonly string[] }): number {
  const env = {
    ...process.env,
    PATH: `${run.bin}${delimiter}${process.env['PATH'] ?? ''}`,
    HEADGATE_NODE: run.version,
  }
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...run.tests]
  const { status } = spawnSync(join(run.bin, 'node'), vitest, { cwd: root, env, stdio: 'inherit' })
  return status ?? 1
}

function fail(message: string): number {
  console.error(`test-node: ${message}`)
  return 1
}
