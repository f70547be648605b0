/** The dashboard as a user has it: packed, unpacked where nothing else of the work tree lies, and started. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../../../limiter/test/docs/documents.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

const PACKAGE = join(root, 'packages/server')
const PACKING_MS = 300_000
const PATIENT = { timeout: 20_000 }
const ADMIN = ['--admin-port', '0']

let folder = ''
let names: string[] = []

/** With its scripts, as a release is packed; others' packages are those of the work tree. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-packed-'))
  execFileSync('npm', ['pack', PACKAGE, '--pack-destination', folder], { cwd: root, stdio: 'ignore' })
  const [tarball = ''] = readdirSync(folder)
  names = execFileSync('tar', ['-xvzf', tarball], { cwd: folder, encoding: 'utf8' }).split('\n')
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  symlinkSync(join(PACKAGE, 'node_modules'), join(folder, 'package/node_modules'))
  writeFileSync(join(folder, 'headgate.yaml'), 'policies: [{ name: users, key: user, rules: [1/min] }]\n')
}, PACKING_MS)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const place = () => ({ folder, binary: join(folder, 'package/dist/cli/main.js') })

/** What the log says of it. */
function dashboardsIn({ log }: HeadgateProcess): unknown[] {
  return log.flatMap(({ dashboard }) => (dashboard === undefined ? [] : [dashboard]))
}

/** The page and all that it names is there, and the log says where. */
async function expectDashboard(headgate: HeadgateProcess): Promise<void> {
  const { adminUrl } = headgate
  const page = await fetch(`${adminUrl}/`)
  expect(page.status).toBe(200)
  const text = await page.text()
  const assets = [...text.matchAll(/(?:src|href)="\.?(\/assets\/[^"]+)"/g)].map(([, path]) => path as string)
  expect(assets.length).toBeGreaterThan(1)
  for (const path of assets) {
    const { status, headers } = await fetch(adminUrl + path)
    expect([path, status, headers.get('cache-control')]).toEqual([
      path,
      200,
      'public, max-age=31536000, immutable',
    ])
  }
  await expect.poll(() => dashboardsIn(headgate), PATIENT).toEqual([`${adminUrl}/`])
}

describe('the packed service', () => {
  it('has the dashboard, and leaves no copy in the work tree', () => {
    expect(names).toContain('package/dashboard/index.html')
    expect(names.filter((name) => /^package\/dashboard\/assets\/.+\.js$/.test(name))).not.toEqual([])
    expect(readdirSync(PACKAGE)).not.toContain('dashboard')
  })

  it('serves it', async () => {
    await using headgate = await HeadgateProcess.serve(ADMIN, {}, place())
    await expectDashboard(headgate)
  })

  it('serves it with several threads', async () => {
    await using headgate = await HeadgateProcess.serve([...ADMIN, '--workers', '2'], {}, place())
    await expectDashboard(headgate)
  })

  it('serves it as a proxy', async () => {
    const to = ['--upstream', 'http://127.0.0.1:9']
    await using headgate = await HeadgateProcess.proxy([...to, ...ADMIN], {}, place())
    await expectDashboard(headgate)
  })

  it('tells a person where it is', async () => {
    const sample = mkdtempSync(join(folder, 'empty-'))
    await using headgate = await HeadgateProcess.serve(ADMIN, {}, { ...place(), folder: sample })
    await expect.poll(() => headgate.stderr, PATIENT).toContain(`Dashboard: ${headgate.adminUrl}/\n`)
  })

  it('says nothing of it where nobody could open it', async () => {
    const socket = join(folder, 'admin.sock')
    await using headgate = await HeadgateProcess.serve(['--admin-port', socket], {}, place())
    await headgate.stop()
    expect(dashboardsIn(headgate)).toEqual([])
  })
})
