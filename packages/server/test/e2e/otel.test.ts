/** A service that exports by OpenTelemetry, to a receiver. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { otlpReceiver } from '../telemetry/otlp-receiver.ts'
import { HeadgateProcess } from './headgate-process.ts'

const CONFIG = 'policies: [{ name: api, key: user, rules: [{ name: day, limit: 2/day }] }]'
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const WHO = { attributes: { user: 'ada@example.org' } }

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-otel-'))
  writeFileSync(join(folder, 'headgate.yaml'), CONFIG)
})
afterEach(() => rmSync(folder, { recursive: true }))

function start(url: string): Promise<HeadgateProcess> {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    OTEL_SERVICE_NAME: 'limits',
  }
  return HeadgateProcess.serve(['--config', join(folder, 'headgate.yaml')], env)
}

async function consume({ url }: HeadgateProcess, flags?: string): Promise<void> {
  const parent = flags === undefined ? {} : { traceparent: `00-${TRACE}-${PARENT}-${flags}` }
  const headers = { 'content-type': 'application/json', ...parent }
  await (await fetch(`${url}/v1/consume`, { method: 'POST', headers, body: JSON.stringify(WHO) })).text()
}

describe('headgate serve with OTEL_EXPORTER_OTLP_ENDPOINT', () => {
  it('sends a span of each request that its trace wants, and metrics, none of which says whom they are about', async () => {
    await using receiver = await otlpReceiver()
    await using headgate = await start(receiver.url)
    await consume(headgate, '01')
    await consume(headgate, '00')
    await consume(headgate)
    expect((await headgate.stop()).code).toBe(0)
    expect(receiver.spans()).toEqual([
      expect.objectContaining({
        name: 'ratelimit consume',
        traceId: TRACE,
        parentSpanId: PARENT,
        kind: 2,
        attributes: expect.objectContaining({
          'ratelimit.policy': 'api',
          'ratelimit.rule': 'day',
          'ratelimit.outcome': 'allowed',
          'ratelimit.transport': 'http',
        }),
      }),
    ])
    expect(receiver.resource()).toMatchObject({ 'service.name': 'limits' })
    const decisions = receiver.points('ratelimit.decisions')
    const counts = decisions.map(({ attributes, ...point }) => [
      attributes['ratelimit.outcome'],
      point.asDouble ?? point.asInt,
    ])
    expect(counts).toEqual([
      ['allowed', 2],
      ['denied', 1],
    ])
    const [durations] = receiver.points('ratelimit.check.duration')
    expect(Number(durations.count)).toBe(3)
    expect(JSON.stringify([receiver.spans(), decisions])).not.toContain('example.org')
  })
})
