import { describe, expect, it } from 'vitest'
import type { PolicyKey } from '../policies/request-match.ts'
import { queueName, WaitedKeys } from './waited-keys.ts'

const keyOf = (policy: string, key: string): PolicyKey => ({ budget: { policy }, key }) as PolicyKey
const [user, all, other] = [keyOf('user', 'a'), keyOf('all', '~g'), keyOf('user', 'b')]

describe('waited keys', () => {
  it('tell the queues that wait for a key among others', () => {
    const waited = new WaitedKeys()
    waited.add('one', [user, all])
    waited.add('two', [other, all])
    expect([...waited.queuesOf([user])]).toEqual(['one'])
    expect([...waited.queuesOf([all])]).toEqual(['one', 'two'])
    expect([...waited.queuesOf([user, all])]).toEqual(['one', 'two'])
    expect([...waited.queuesOf([keyOf('user', 'c')])]).toEqual([])
  })

  it('forget a queue with the last who waits in it', () => {
    const waited = new WaitedKeys()
    const leave = [waited.add('one', [user]), waited.add('one', [user])]
    leave[0]?.()
    expect(waited.queuesOf([user]).size).toBe(1)
    leave[1]?.()
    expect(waited.queuesOf([user]).size).toBe(0)
  })

  it('name queues so that no key is that of others', () => {
    expect(queueName([user, all])).not.toBe(queueName([keyOf('user', 'a"],["all","~g')]))
    expect(queueName([keyOf('a', 'b')])).not.toBe(queueName([keyOf('a"', '"b')]))
  })
})
