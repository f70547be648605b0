/** A service that exports by OpenTelemetry from several threads, or to nobody. */
import { describe, expect, it } from 'vitest'
import { HeadgateProcess } from './headgate-process.ts'
import { expectExported } from './otel-export.ts'

const WHO = { attributes: { user: 'ada' } }

describe('headgate serve with OTEL_EXPORTER_OTLP_ENDPOINT', () => {
  it('answers, and ends, where nobody takes what it sends', async () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', OTEL_TRACES_SAMPLER: 'always_on' }
    await using headgate = await HeadgateProcess.serve([], env)
    const { status } = await headgate.post('/v1/consume', WHO)
    expect(status).toBe(200)
    const { code } = await headgate.stop()
    expect(code).toBe(0)
  })

  it('sends of two threads the same as of one', async () => {
    await expectExported('--workers', '2')
  })
})
