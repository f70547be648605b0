import { describe, expect, it } from 'vitest'
import { readRemote } from './read-remote.ts'

const url = 'http://headgate:8080'

describe('the service that a proxy asks', () => {
  it('is closed where nothing else is said, and has a second', () => {
    expect(readRemote({ url })).toEqual({ url, token: null, onError: 'closed', deadlineMs: 1000 })
  })

  it('is as the file says', () => {
    expect(readRemote({ url, token: 't0ken', onError: 'open', deadline: '50ms' })).toEqual({
      url,
      token: 't0ken',
      onError: 'open',
      deadlineMs: 50,
    })
  })

  it.each([
    [{ url: 'headgate:8080' }, 'url'],
    [{ url: 'http://user:secret@headgate' }, 'url'],
    [{ url: 'http://headgate/?a=1' }, 'url'],
    [{ url, token: 'two words' }, 'token'],
    [{ url, deadline: '2m' }, 'deadline'],
  ])('is refused: %j', (shape, field) => {
    const mistakes = readRemote(shape)
    expect(mistakes).toMatchObject([{ path: ['proxy', 'service', field] }])
    expect(JSON.stringify(mistakes)).not.toMatch(/secret|two words/)
  })
})
