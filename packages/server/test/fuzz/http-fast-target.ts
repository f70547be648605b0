/** Sequences of requests over HTTP/1.1, usual, odd and hostile, each played to the fast path and to Node. */
import { judge } from '../http-fast/differential.ts'
import { startServers } from '../http-fast/differential-servers.ts'
import type { Opened, Target } from './target.ts'

export const httpFastTarget: Target = {
  name: 'http-fast',
  async open(): Promise<Opened> {
    const servers = await startServers()
    return {
      once: async (random) => {
        const { fault } = await judge(servers, random)
        if (fault !== null) throw new Error(fault)
      },
      close: async () => {
        await servers[Symbol.asyncDispose]()
      },
    }
  },
}
