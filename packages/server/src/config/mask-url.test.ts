import { describe, expect, it } from 'vitest'
import { maskUrl } from './mask-url.ts'

describe('maskUrl', () => {
  it.each([
    ['memory', 'memory'],
    ['redis://localhost:6379/0', 'redis://localhost:6379/0'],
    ['redis://:s3cret@localhost:6379', 'redis://***@localhost:6379'],
    ['rediss://user:p@ss/w0rd@host', 'rediss://***@host'],
    ['redis://host?password=s3cret', 'redis://host'],
    ['redis://host#s3cret', 'redis://host'],
    ['redis/user:s3cret@host:6379/0', '***@host:6379/0'],
    ['user:s3cret@host', '***@host'],
    ['redis:/:s3cret@host', 'redis:/***@host'],
    ['redis://a:b@one,c:d@two', 'redis://***@two'],
  ])('%s is shown as %s', (url, shown) => {
    expect(maskUrl(url)).toBe(shown)
  })
})
