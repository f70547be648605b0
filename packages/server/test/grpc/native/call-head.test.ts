import { describe, expect, it } from 'vitest'
import { Health } from '../../../src/gen/grpc-health-v1.ts'
import { CallHeads } from '../../../src/transports/grpc/native/call-head.ts'
import { unary } from '../../../src/transports/grpc/rpc-method.ts'
import { headOf } from './fake-stream.ts'

const CHECK = unary(Health.Check, () => ({ status: 1 }))
const { path } = Health.Check

function answer(head: ReturnType<typeof headOf>): Record<string, string> {
  const { method, refusal } = new CallHeads([CHECK]).read(head)
  if (method !== null) return { method: method.type.path }
  return Object.fromEntries(refusal.map(({ name, value }) => [name, value]))
}

describe('the head of a call', () => {
  it.each([
    'application/grpc',
    'application/grpc+proto',
    'application/grpc;charset=utf-8',
    'application/grpc+proto; x=y',
    'Application/GRPC',
  ])('is one with the content type %s', (type) => {
    expect(answer(headOf(path, { 'content-type': type }))).toEqual({ method: path })
  })

  it.each([
    '',
    'application/json',
    'application/grpc-web',
    'application/grpc-web+proto',
    'text/application/grpc',
  ])('is refused by HTTP with the content type %j', (type) => {
    expect(answer(headOf(path, { 'content-type': type }))).toEqual({ ':status': '415' })
  })

  it.each(['GET', 'PUT', 'CONNECT', 'post'])('is refused by HTTP with the method %s', (method) => {
    expect(answer(headOf(path, {}, method))).toEqual({ ':status': '405', allow: 'POST' })
  })

  it.each(['/', '', '/grpc.health.v1.Health', '/grpc.health.v1.Health/check', '/toString', `${path}/`])(
    'ends with UNIMPLEMENTED for the path %j',
    (other) => {
      expect(answer(headOf(other))).toMatchObject({ ':status': '200', 'grpc-status': '12' })
    },
  )

  it('says of a path no more than its beginning, in visible characters', () => {
    const { 'grpc-message': message = '' } = answer(headOf(`/\u00e9%\u0001${'x'.repeat(5000)}`))
    expect(message).toMatch(/^there is no method \/%C3%A9%25%01x+$/)
    expect(message.length).toBeLessThan(150)
  })

  it('ends with UNIMPLEMENTED and what is understood where messages are compressed', () => {
    expect(answer(headOf(path, { 'grpc-encoding': 'gzip' }))).toMatchObject({
      'grpc-status': '12',
      'grpc-accept-encoding': 'identity',
    })
    expect(answer(headOf(path, { 'grpc-encoding': 'identity' }))).toEqual({ method: path })
  })

  it('ends with INTERNAL for a deadline that is malformed, and with DEADLINE_EXCEEDED for one that has passed', () => {
    expect(answer(headOf(path, { 'grpc-timeout': '20ms' }))).toMatchObject({ 'grpc-status': '13' })
    expect(answer(headOf(path, { 'grpc-timeout': '0m' }))).toMatchObject({ 'grpc-status': '4' })
  })

  it('is read once where requests share it', () => {
    const heads = new CallHeads([CHECK])
    const head = headOf(path)
    expect(heads.read(head)).toBe(heads.read(head))
    expect(heads.read(headOf(path))).not.toBe(heads.read(head))
  })
})
