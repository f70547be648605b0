import { describe, it } from 'vitest'
import { expectExported } from './otel-export.ts'

describe('headgate serve with OTEL_EXPORTER_OTLP_ENDPOINT', () => {
  it('sends a span of each request that its trace wants, and metrics, none of which says whom they are about', async () => {
    await expectExported()
  })
})
