import { createSecretKey } from 'node:crypto'
import { SignJWT } from 'jose'
import { describe, expect, it, vi } from 'vitest'
import { AttributeSources, type SourceRequest } from './attribute-sources.ts'

const key = createSecretKey(Buffer.alloc(32, 7))
const jwt = { algorithms: ['HS256'], key, clockToleranceSeconds: 0, header: 'authorization' }
const nothing = (): readonly string[] => []

async function requestOf(message: object): Promise<SourceRequest> {
  const token = await new SignJWT({ sub: 'alice', role: 'admin' })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(key)
  const header = vi.fn((name: string) => (name === 'authorization' ? [`Bearer ${token}`] : []))
  return { message, peer: '10.0.0.1', header, query: nothing, cookie: nothing, descriptor: nothing }
}

describe('AttributeSources', () => {
  it('reads the token of a message once, for all attributes and all requests in it', async () => {
    const attributes = { user: ['jwt.sub'], role: ['jwt.role'] }
    const sources = new AttributeSources({ trustedProxies: [], attributes, jwt })
    const request = await requestOf({})
    for (let i = 0; i < 3; i++) {
      expect((await sources.resolve(request)).attributes).toEqual({ user: 'alice', role: 'admin' })
    }
    expect(request.header).toHaveBeenCalledOnce()
    const other = await requestOf({})
    await sources.resolve(other)
    expect(other.header).toHaveBeenCalledOnce()
  })

  it('reads no token where nothing asks for it', async () => {
    const attributes = { user: ['jwt.sub'], from: ['peer.ip'] }
    const sources = new AttributeSources({ trustedProxies: [], attributes, jwt })
    const request = await requestOf({})
    const { attributes: found, token } = await sources.resolve(request, { user: undefined })
    expect([found, token]).toEqual([{ from: '10.0.0.1' }, { state: 'none' }])
    expect(request.header).not.toHaveBeenCalled()
  })

  it('reads no property that a claim inherits', async () => {
    const attributes = { user: ['jwt.constructor.name', 'jwt.__proto__', 'jwt.sub.length', 'jwt.sub'] }
    const sources = new AttributeSources({ trustedProxies: [], attributes, jwt })
    expect((await sources.resolve(await requestOf({}))).attributes).toEqual({ user: 'alice' })
  })
})
