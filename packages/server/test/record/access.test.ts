/** Whose requests they are is for operators of all policies alone. */
import { expect, it } from 'vitest'
import { adminOf } from '../admin/admin-server.ts'
import { readRecord } from './record-reader.ts'

const FILE = `version: 1
policies: [{ name: users, key: user, rules: [100/day] }]
tokens:
  - { name: root, hash: "TOKEN(root)", scopes: [admin] }
  - { name: viewer, hash: "TOKEN(viewer)", scopes: [read, consume, adjust] }
  - { name: some, hash: "TOKEN(some)", scopes: [admin], policies: [users] }
  - { name: shop, hash: "TOKEN(shop)", scopes: [admin], domains: [shop] }
`

it.each(['GET', 'HEAD'])(
  'takes a token with the scope admin, of all policies and domains, for %s',
  async (method) => {
    await using admin = await adminOf(FILE)
    expect((await admin.ask('/v1/record', { method })).status).toBe(401)
    for (const as of ['viewer', 'some', 'shop']) {
      expect((await admin.ask('/v1/record', { method, as })).status).toBe(403)
    }
    expect((await admin.ask('/v1/record', { method: 'HEAD', as: 'root' })).status).toBe(200)
    await using log = await readRecord(admin.url, { token: admin.tokenOf('root') })
    expect(log.status).toBe(200)
  },
)

it('ends where its token is gone, and says who recorded', async () => {
  await using admin = await adminOf(FILE)
  const told: unknown[] = []
  admin.service.on('recording', ({ action, actor }) => told.push([action, actor]))
  await using log = await readRecord(admin.url, { token: admin.tokenOf('root') })
  const next = FILE.replaceAll(/TOKEN\((\w+)\)/g, `sha256:${'0'.repeat(64)}`).replace(
    / {2}- \{ name: (viewer|some|shop).*\n/g,
    '',
  )
  admin.at.apply(next)
  await expect.poll(() => log.isComplete).toBe(true)
  expect(log.end?.ended).toContain('token')
  expect(told).toEqual([
    ['start', 'root'],
    ['end', 'root'],
  ])
})
