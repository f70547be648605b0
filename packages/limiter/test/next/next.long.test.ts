/** The packed library in an application of Next that is built for production. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nextModules } from '../../../../scripts/ensure-next.ts'
import { PackedProject } from '../package/packed-project.ts'
import { NextApp } from './next-app.ts'

const BUILD_MS = 300_000
const modules = nextModules()
let project: PackedProject
let app: NextApp

beforeAll(async () => {
  if (modules === null) return
  project = new PackedProject()
  app = await NextApp.start(project.folder, modules)
}, BUILD_MS)

afterAll(async () => {
  await app?.[Symbol.asyncDispose]()
  project?.[Symbol.dispose]()
})

/** Asks as a client of this address, which the proxy counts. */
function ask(path: string, address: string, sid = address): Promise<Response> {
  return fetch(app.url + path, { headers: { 'x-real-ip': address, cookie: `sid=${sid}` } })
}

describe.skipIf(modules === null)('limits in an application of Next', () => {
  it('let requests pass to a route, which gets its parameters, and deny at the route', async () => {
    const first = await ask('/api/items/7', '192.0.2.1')
    expect(await first.json()).toEqual({ path: '/api/items/7', id: '7' })
    const denied = await ask('/api/items/8', '192.0.2.1')
    expect(denied.status).toBe(429)
    expect(await denied.text()).toMatch(/^Too many requests/)
    expect((await ask('/api/items/7', '192.0.2.1', 'another')).status).toBe(200)
  })

  it('are built from the example', async () => {
    const [passed, refused] = [await ask('/api/items', '192.0.2.5'), await fetch(`${app.url}/api/items`)]
    expect([await passed.json(), refused.status]).toEqual([['a', 'b'], 400])
  })

  it('tell clients of the proxy, and deny there', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 11; i++) statuses.push((await ask(`/api/items/${i}`, '192.0.2.2', `c${i}`)).status)
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 200, 429, 429])
    const { headers } = await ask('/api/items/1', '192.0.2.3')
    expect(headers.get('ratelimit')).toMatch(/^"proxy\/1h";r=8;/)
  })

  it('settle at the end of the response of a route', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 3; i++) statuses.push((await ask('/api/failing', '192.0.2.4')).status)
    expect(statuses).toEqual([503, 503, 503])
  })

  it('leave paths alone that the proxy is not for, and refuse clients that nobody knows', async () => {
    const home = await fetch(app.url)
    expect(home.status).toBe(200)
    expect(home.headers.get('ratelimit')).toBe(null)
    expect((await fetch(`${app.url}/api/failing`)).status).toBe(400)
  })
})
