import { MessageChannel } from 'node:worker_threads'
import { HeadgateError } from 'headgate'
import { afterEach, describe, expect, it } from 'vitest'
import { Link, Unanswered } from './link.ts'

interface Asker {
  readonly asks: {
    readonly double: (value: number) => number
    readonly wait: (given: null) => null
    readonly unknown: (given: unknown) => null
  }
  readonly tells: { readonly word: string }
}
interface Asked {
  readonly asks: Record<never, never>
  readonly tells: Record<never, never>
}

const ended: Link<never, never>[] = []
afterEach(() => {
  for (const link of ended.splice(0)) link.end(new Error('the test is over'))
})

function pair(): { readonly near: Link<Asker, Asked>; readonly far: Link<Asked, Asker> } {
  const { port1, port2 } = new MessageChannel()
  const near = new Link<Asker, Asked>(port1)
  const far = new Link<Asked, Asker>(port2)
  ended.push(near as never, far as never)
  near.start()
  return { near, far }
}

describe('a link', () => {
  it('answers each question to whoever asked it, also one that came before anybody took it', async () => {
    const { near, far } = pair()
    const early = near.ask('double', 1)
    far.answer('double', async (value) => value * 2)
    far.start()
    expect(await Promise.all([near.ask('double', 2), early, near.ask('double', 3)])).toEqual([4, 2, 6])
  })

  it('passes on the error of whoever was asked: code, message and path', async () => {
    const { near, far } = pair()
    far.answer('double', () => {
      throw new HeadgateError('invalid-config', 'is wrong; mend it', { path: 'policies[0]' })
    })
    far.start()
    const failure = await near.ask('double', 1).catch((reason: unknown) => reason)
    expect(failure).toMatchObject({
      code: 'invalid-config',
      path: 'policies[0]',
      message: 'policies[0]: is wrong; mend it',
    })
    expect(HeadgateError.is(failure)).toBe(true)
  })

  it('fails at the deadline of a question, and takes no answer that comes later', async () => {
    const { near, far } = pair()
    const late = Promise.withResolvers<null>()
    far.answer('wait', () => late.promise)
    far.answer('double', (value) => value * 2)
    far.start()
    await expect(near.ask('wait', null, { deadlineMs: 1 })).rejects.toThrow(Unanswered)
    late.resolve(null)
    expect(await near.ask('double', 4)).toBe(8)
  })

  it('knows that an answer is overdue until one comes, on time or not, also one that is a failure', async () => {
    const { near, far } = pair()
    const late = Promise.withResolvers<null>()
    far.answer('wait', async () => {
      await late.promise
      throw new Error('no')
    })
    far.start()
    const asked = near.ask('wait', null, { deadlineMs: 1 })
    expect([near.answered, near.isOverdue]).toEqual([0, false])
    await expect(asked).rejects.toThrow(Unanswered)
    expect([near.answered, near.isOverdue]).toEqual([0, true])
    late.resolve(null)
    await expect.poll(() => [near.answered, near.isOverdue]).toEqual([1, false])
  })

  it('fails what is not answered when it ends, and whatever is asked later', async () => {
    const { near, far } = pair()
    far.answer('wait', () => new Promise<never>(() => {}))
    far.start()
    const open = near.ask('wait', null)
    near.end(new Error('the thread died'))
    await expect(open).rejects.toThrow('the thread died')
    await expect(near.ask('double', 1)).rejects.toThrow('the thread died')
    near.tell('word', 'into nothing')
  })

  it('refuses what cannot be cloned, and questions that nobody answers', async () => {
    const { near, far } = pair()
    far.start()
    await expect(near.ask('unknown', () => 1)).rejects.toThrow(/could not be cloned/)
    await expect(near.ask('unknown', 1)).rejects.toThrow('nobody here answers "unknown"')
  })

  it('tells news in their order, to all who listen, also those that came right before its end', async () => {
    const { near, far } = pair()
    const words: string[] = []
    far.hear('word', (word) => words.push(word))
    far.hear('word', (word) => words.push(word.toUpperCase()))
    near.tell('word', 'a')
    near.tell('word', 'b')
    far.end(new Error('over'))
    expect(words).toEqual(['a', 'A', 'b', 'B'])
  })
})
