/** Whatever becomes of standard output, decisions are made; what is not written is counted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'

const CONFIG = `
policies: [{ name: api, key: user, rules: [1/day] }]
log: { decisions: { perSecond: 100000 } }
`
const BATCH = 100
/** Far above what it takes on a busy machine. */
const SOON = { timeout: 30_000, interval: 20 }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-output-'))
  writeFileSync(join(folder, 'headgate.yaml'), CONFIG)
})
afterEach(() => rmSync(folder, { recursive: true }))

async function start(): Promise<HeadgateProcess> {
  return HeadgateProcess.serve(['--config', join(folder, 'headgate.yaml'), '--admin-port', '0'])
}

async function lost(adminUrl: string): Promise<number> {
  const text = await (await fetch(`${adminUrl}/metrics`)).text()
  return Number(/^headgate_log_dropped_total\{output="log"\} (\d+)$/m.exec(text)?.[1])
}

/** Denials by the hundred, each of which is a line. */
async function deny(headgate: HeadgateProcess, batches: number): Promise<void> {
  const requests = Array.from({ length: BATCH }, () => ({ attributes: { user: 'a' } }))
  for (let i = 0; i < batches; i++) {
    const { status } = await headgate.post('/v1/batch', { requests })
    expect(status).toBe(200)
  }
}

describe('headgate serve', () => {
  it('goes on where nobody reads its output, and says how much was lost once somebody does', async () => {
    await using headgate = await start()
    const { adminUrl } = headgate
    headgate.child.stdout?.pause()
    await expect
      .poll(async () => {
        await deny(headgate, 10)
        return lost(adminUrl)
      }, SOON)
      .toBeGreaterThan(0)
    headgate.child.stdout?.resume()
    const told = (): unknown => headgate.log.find(({ msg }) => String(msg).includes('lines were lost'))
    await expect.poll(told, SOON).toMatchObject({ why: 'slow reader', lost: await lost(adminUrl) })
    const { code } = await headgate.stop()
    expect(code).toBe(0)
  })

  it('goes on where its output is closed', async () => {
    await using headgate = await start()
    const { adminUrl } = headgate
    headgate.child.stdout?.destroy()
    await expect
      .poll(async () => {
        await deny(headgate, 1)
        return lost(adminUrl)
      }, SOON)
      .toBeGreaterThanOrEqual(BATCH)
    headgate.child.kill('SIGTERM')
    expect((await headgate.ended()).code).toBe(0)
  })
})
