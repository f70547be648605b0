/** h2spec, which others wrote: the cases of both RFCs that it knows, plain and over TLS. */
import { execFile } from 'node:child_process'
import { createServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { h2spec } from '../../../../scripts/ensure-h2spec.ts'
import { CERTIFICATES, pemOf } from '../protocol/secure-listener.ts'
import { ProbeServer } from './probe-server.ts'

const program = h2spec()
/** All that it has; the last one is of its strict mode. */
const CASES = { usual: 145, strict: 146 }

/** With bodies in which windows can end. */
const PATH = '/large/100'

/** What it prints. `-o` is how long it waits for what has to come: a busy machine may take its time. */
function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(String(program), ['generic', 'http2', 'hpack', '-o', '10', '-P', PATH, ...args], (_, stdout) =>
      resolve(stdout),
    )
  })
}

const skipped = program === null ? ' (SKIPPED: not installed)' : ''
describe.skipIf(program === null)(`h2spec${skipped}`, { timeout: 300_000 }, () => {
  it('has nothing to say of the server', async () => {
    await using server = new ProbeServer()
    const said = await run(['-p', String(await server.listen())])
    expect(said).toContain(`${CASES.usual} tests, ${CASES.usual} passed, 0 skipped, 0 failed`)
  })

  it('nor where it is strict', async () => {
    await using server = new ProbeServer()
    const said = await run(['-p', String(await server.listen()), '-S'])
    expect(said).toContain(`${CASES.strict} tests, ${CASES.strict} passed, 0 skipped, 0 failed`)
  })

  it('nor over TLS', async () => {
    await using server = new ProbeServer()
    const port = await server.listen(createServer({ ...pemOf(CERTIFICATES.server), ALPNProtocols: ['h2'] }))
    const said = await run(['-p', String(port), '-t', '-k'])
    expect(said).toContain(`${CASES.usual} tests, ${CASES.usual} passed, 0 skipped, 0 failed`)
  })
})
