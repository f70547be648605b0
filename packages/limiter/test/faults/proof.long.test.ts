/** That the checks of the fault tests notice what they are for: a client as it comes, which sends again. */
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { campaign } from './campaign.ts'
import { defineFault } from './fault.ts'
import { proxiedServer } from './sites.ts'

const resending = defineFault({
  name: 'lost reply, by a client that sends again what was not answered',
  expected: 'Is charged twice.',
  answers: 'some',
  lastsMs: 300,
  async site() {
    const site = await proxiedServer()
    const client = new Redis(site.connection as string)
    const close = (): Promise<void> => {
      client.disconnect()
      return Promise.resolve(site[Symbol.asyncDispose]())
    }
    return { ...site, connection: client, [Symbol.asyncDispose]: close }
  },
  strike: ({ proxy }) => proxy.dropReply(),
})

const TRIES = 3

it('a spend that is sent again after a lost reply is noticed', async () => {
  const problems: string[] = []
  // On a busy machine other answers are late as well, and it cannot be told what those have charged.
  for (let i = 0; i < TRIES && problems.length === 0; i++)
    problems.push(...(await campaign(resending)).problems)
  expect(problems).toContainEqual(expect.stringMatching(/caller \d+ has \d+ left, which is not from/))
})
