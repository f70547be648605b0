import { describe, expect, it } from 'vitest'
import { proxyRequestShape } from '../schema/proxy-request-shape.ts'
import { strictMap } from '../schema/strict-map.ts'
import { readRequestSettings } from './read-request.ts'

const shape = strictMap(proxyRequestShape)

function read(given: object): ReturnType<typeof readRequestSettings> {
  return readRequestSettings(shape.parse(given))
}

function messageOf(given: object): string {
  return shape.safeParse(given).error?.issues[0]?.message ?? 'nothing is wrong'
}

describe('how a file says that requests are read', () => {
  it('has a default for everything', () => {
    expect(read({})).toEqual({
      hosts: null,
      clients: { allow: null, deny: [] },
      paths: { ignoreCase: true, encoded: 'refuse' },
      headers: { bytesMax: 16_384, fieldsMax: 100 },
    })
  })

  it('takes what is given', () => {
    const given = {
      hosts: ['shop.example', '[::1]', 'my_app'],
      clients: { allow: ['10.0.0.0/8', 'unix'], deny: ['10.0.0.7'] },
      paths: { ignoreCase: true, encoded: 'pass' },
      maxHeaders: { bytes: '32KiB', fields: 50 },
    }
    expect(read(given)).toEqual({
      hosts: given.hosts,
      clients: given.clients,
      paths: given.paths,
      headers: { bytesMax: 32_768, fieldsMax: 50 },
    })
  })

  it.each([
    [{ clients: { allow: ['10.0.0.0/8', '10.0.0'] } }, ['clients', 'allow', 1], /10\.0\.0/],
    [{ clients: { deny: ['example.com'] } }, ['clients', 'deny', 0], /example\.com/],
    [{ maxHeaders: { bytes: 100 } }, ['maxHeaders', 'bytes'], /256 bytes to 64KiB/],
    [{ maxHeaders: { bytes: '1MiB' } }, ['maxHeaders', 'bytes'], /256 bytes to 64KiB/],
  ])('says where %j is wrong', (given, path, message) => {
    expect(read(given)).toEqual([{ path: ['proxy', ...path], message: expect.stringMatching(message) }])
  })

  it.each([
    [{ hosts: ['Shop.example'] }, /lower case/],
    [{ hosts: ['https://shop.example'] }, /without scheme/],
    [{ hosts: ['shop.example:80'] }, /without scheme and port/],
    [{ hosts: ['*.shop.example'] }, /no name of a host/],
    [{ maxHeaders: { bytes: '16k' } }, /write it as 16KiB/],
    [{ maxHeaders: { bytes: '9999999999GiB' } }, /is not a size/],
    [{ maxHeaders: { bytes: -1 } }, /.+/],
  ])('refuses %j', (given, message) => {
    expect(messageOf(given)).toMatch(message)
  })
})
