import { afterEach, describe, expect, it, vi } from 'vitest'
import { Events } from './events.ts'

const applied = { hash: 'abc', policies: 1, notInForce: [], isNew: true }

afterEach(() => {
  vi.restoreAllMocks()
})

describe('Events', () => {
  it('reach every listener of their name, until it is removed', () => {
    const events = new Events()
    const [first, second, other] = [vi.fn(), vi.fn(), vi.fn()]
    const remove = events.on('configuration', first)
    events.on('configuration', second)
    events.on('failure', other)
    events.emit('configuration', applied)
    remove()
    events.emit('configuration', applied)
    expect([first, second, other].map(({ mock }) => mock.calls.length)).toEqual([1, 2, 0])
    expect(second).toHaveBeenCalledWith(applied)
  })

  it('reach a listener as often as it was added, and are taken from it one by one', () => {
    const events = new Events()
    const listener = vi.fn()
    const remove = events.on('configuration', listener)
    events.on('configuration', listener)
    remove()
    remove()
    events.emit('configuration', applied)
    expect(listener).toHaveBeenCalledOnce()
  })

  it('go on where a listener throws or rejects, which is reported once a cause', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const events = new Events()
    const listener = vi.fn()
    events.on('configuration', () => {
      throw new Error('thrown')
    })
    events.on('configuration', () => Promise.reject(new Error('rejected')))
    events.on('configuration', listener)
    for (let i = 0; i < 3; i++) events.emit('configuration', applied)
    await Promise.resolve()
    expect(listener).toHaveBeenCalledTimes(3)
    const messages = warn.mock.calls.map(([message]) => String(message))
    expect(messages).toEqual([expect.stringContaining('thrown'), expect.stringContaining('rejected')])
  })
})
