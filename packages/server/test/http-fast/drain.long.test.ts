/** Stops at many moments: the more often, the rarer is what still goes wrong. */
import { describe, it } from 'vitest'
import { CERTIFICATES, tlsOf } from '../protocol/secure-listener.ts'
import { stopUnderLoad } from './drain-load.ts'

const ROUNDS = Array.from({ length: 8 }, (_, i) => 300 + 97 * i)

describe('a service that stops under load again and again', () => {
  it('cuts no request of its connections', async () => {
    for (const requests of ROUNDS) await stopUnderLoad({}, requests)
  })

  it('cuts no request of connections over TLS', async () => {
    for (const requests of ROUNDS.slice(4)) {
      await stopUnderLoad({ tls: await tlsOf(CERTIFICATES.server) }, requests)
    }
  })
})
