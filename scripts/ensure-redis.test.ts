import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const script = resolve('scripts/ensure-redis.ts')
const announcement =
  'redis-server not found: installing it with apt-get (set HEADGATE_REDIS_SERVER to use another)\n'
let bin: string

/** Stands in for apt-get: records its arguments, and makes a redis-server appear in the bare PATH. */
const recordingAptGet = `#!/bin/sh
echo "$@" >> "$BIN/recorded"
case "$*" in *install*) ;; *) exit 0 ;; esac
export PATH="$FULL_PATH"
server="\${REAL_SERVER:-$(command -v redis-server)}"
[ -n "$server" ] || { apt-get update && apt-get "$@" && server=$(command -v redis-server) || exit 1; }
ln -s "$server" "$BIN/redis-server"
`

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'headgate-path-'))
  for (const name of ['sh', 'rm', 'chmod']) symlinkSync(`/bin/${name}`, join(bin, name))
  symlinkSync(process.execPath, join(bin, 'node'))
  executable('sudo', '#!/bin/sh\nshift\nexec "$@"\n')
})

afterEach(() => rmSync(bin, { recursive: true }))

function executable(name: string, text: string): string {
  const path = join(bin, name)
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return path
}

function ensureRedis(env: Record<string, string> = {}) {
  const real = {
    REAL_SERVER: process.env['HEADGATE_REDIS_SERVER'] ?? '',
    FULL_PATH: process.env['PATH'] ?? '',
  }
  const options = { encoding: 'utf8', env: { PATH: bin, BIN: bin, TMPDIR: bin, ...real, ...env } } as const
  return spawnSync(process.execPath, [script], options)
}

describe('ensure-redis', () => {
  it('installs a missing redis-server after one line that says so', { timeout: 300_000 }, () => {
    executable('apt-get', recordingAptGet)
    const first = ensureRedis()
    expect(first.stdout).toBe(announcement)
    expect(first.stderr).toBe('')
    expect(first.status).toBe(0)
    expect(spawnSync(join(bin, 'redis-server'), ['--version'], { encoding: 'utf8' }).stdout).toContain('v=')
    const recorded = readFileSync(join(bin, 'recorded'), 'utf8').trim().split('\n')
    expect(recorded).toEqual([
      expect.stringMatching(/ update$/),
      expect.stringMatching(/ install -y --no-install-recommends redis-server$/),
    ])
    expect(ensureRedis()).toMatchObject({ status: 0, stdout: '', stderr: '' })
  })

  it('shows the log and says what to do when the install fails', () => {
    executable('apt-get', '#!/bin/sh\necho "E: no network today" >&2\nexit 100\n')
    const run = ensureRedis()
    expect(run.status).toBe(1)
    expect(run.stdout).toBe(announcement)
    expect(run.stderr).toContain('E: no network today')
    expect(run.stderr).toMatch(
      /redis-server is missing: .*apt-get failed \(code 100\)\. Install Redis 7 or newer/,
    )
  })

  it('says what to do when no package manager is known', () => {
    const run = ensureRedis()
    expect(run.status).toBe(1)
    expect(run.stderr).toContain('redis-server not found, and no apt-get, dnf, apk, brew to install it with')
  })

  it('trusts HEADGATE_REDIS_SERVER when it runs and refuses it when it does not', () => {
    const server = executable('mine', '#!/bin/sh\necho "Redis server v=7.2.0"\n')
    expect(ensureRedis({ HEADGATE_REDIS_SERVER: server })).toMatchObject({
      status: 0,
      stdout: '',
      stderr: '',
    })
    const missing = ensureRedis({ HEADGATE_REDIS_SERVER: join(bin, 'absent') })
    expect(missing.status).toBe(1)
    expect(missing.stderr).toContain('which does not run')
  })
})
