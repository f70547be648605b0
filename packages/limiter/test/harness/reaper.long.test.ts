import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { until } from './until.ts'

describe('reaper', () => {
  it('leaves no process, folder or mount behind when the test process is killed', async () => {
    const abandon = join(import.meta.dirname, 'fixtures/abandon.ts')
    const child = spawn(process.execPath, [abandon], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = await once(child.stdout, 'data')
    const { pid, socketPath } = JSON.parse(String(line)) as { pid: number; socketPath: string }
    // Where the data is: the small disk, unless this user may not have one.
    const data = readlinkSync(`/proc/${pid}/cwd`)
    expect(existsSync(dirname(socketPath))).toBe(true)
    child.kill('SIGKILL')
    await until('the server is gone', () => !existsSync(`/proc/${pid}`))
    await until('its folder is gone', () => !existsSync(dirname(socketPath)))
    await until(
      'its disk is gone',
      () => !existsSync(data) && !readFileSync('/proc/mounts', 'utf8').includes(data),
    )
  })
})
