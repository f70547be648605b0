import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

const BINARY = join(import.meta.dirname, '../../dist/cli/main.js')
const FLAG = '--single-threaded-gc'
const FLAGS = [FLAG, '--no-allocation-site-pretenuring']

/** The arguments a process runs with; empty once it is gone. */
function argumentsOf(pid: number | undefined): string[] {
  const file = `/proc/${pid}/cmdline`
  return existsSync(file) ? readFileSync(file, 'utf8').split('\0') : []
}

// Whether it can be seen, and made to have one CPU.
const canTell = existsSync('/proc/self/cmdline') && spawnSync('taskset', ['-c', '0', 'true']).status === 0

describe.runIf(canTell)('headgate serve on one CPU', () => {
  it('runs with the flag, as the process that was started, which signals end with its own code', async () => {
    const serve = [BINARY, 'serve', '--port', '0', '--shutdown-delay', '0', '--log-level', 'silent']
    const child = spawn('taskset', ['-c', '0', process.execPath, ...serve], {
      stdio: 'ignore',
      env: {
        ...process.env,
        HEADGATE_GRPC_PORT: 'off',
        HEADGATE_RESP_PORT: 'off',
        HEADGATE_ADMIN_PORT: 'off',
      },
    })
    const end = once(child, 'exit')
    await expect.poll(() => argumentsOf(child.pid).slice(1, 3), { timeout: 30_000 }).toEqual(FLAGS)
    child.kill('SIGKILL')
    expect(await end).toEqual([null, 'SIGKILL'])
    expect(argumentsOf(child.pid)).toEqual([])
  })

  it('runs without it where it is told so', async () => {
    await using headgate = await HeadgateProcess.serve([FLAG, 'off'])
    expect(argumentsOf(headgate.child.pid)[1]).toBe(BINARY)
  })
})

describe.runIf(canTell)('headgate serve --single-threaded-gc on', () => {
  it('starts once, as the process that was started, and ends as it would without', async () => {
    await using headgate = await HeadgateProcess.serve([FLAG, 'on'])
    expect(argumentsOf(headgate.child.pid).slice(1, 3)).toEqual(FLAGS)
    expect(headgate.log.map(({ pid }) => pid)).toEqual(headgate.log.map(() => headgate.child.pid))
    expect((await headgate.get('/livez')).status).toBe(200)
    const { code, stderr } = await headgate.stop()
    expect(code).toBe(0)
    expect(stderr).not.toContain('Warning')
    expect(headgate.log.filter(({ url }) => url !== undefined)).toHaveLength(1)
  })

  it('ends at once with code 1 on a second signal', async () => {
    await using headgate = await HeadgateProcess.serve([FLAG, 'on', '--shutdown-delay', '1h'])
    headgate.child.kill('SIGTERM')
    await expect.poll(() => headgate.log.at(-1)?.['msg']).toBe('stopping')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await headgate.stop()).code).toBe(1)
  })

  it('ends with the code of a mistake', async () => {
    const args = ['serve', FLAG, 'on', '--config', 'nope.yaml']
    expect((await HeadgateProcess.run(args)).code).toBe(2)
    const wrong = await HeadgateProcess.run(['serve', FLAG, 'maybe'])
    expect([wrong.code, wrong.stderr]).toEqual([2, `"maybe" is not one of auto, on, off; change ${FLAG}\n`])
  })
})
