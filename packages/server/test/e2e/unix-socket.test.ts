import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

it('headgate serve replaces the file of a socket left behind, and removes its own at the end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-socket-'))
  const path = join(folder, 'http.sock')
  try {
    leaveBehind(path)
    await using headgate = await HeadgateProcess.serve(['--port', path])
    expect(headgate.url).toBe(`unix:${path}`)
    const sent = request({ socketPath: path, path: '/livez', agent: false }).end()
    const [response] = await once(sent, 'response')
    expect(response.resume().statusCode).toBe(200)
    expect((await headgate.stop()).code).toBe(0)
    expect(existsSync(path)).toBe(false)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** Leaves the file of a socket that nobody listens on. */
function leaveBehind(path: string): void {
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', script, path], { timeout: 30_000 })
  expect(statSync(path).isSocket()).toBe(true)
}
