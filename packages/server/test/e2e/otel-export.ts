/** What a service exports by OpenTelemetry, to a receiver. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { otlpReceiver } from '../telemetry/otlp-receiver.ts'
import { HeadgateProcess } from './headgate-process.ts'

const CONFIG = 'policies: [{ name: api, key: user, rules: [{ name: day, limit: 2/day }] }]'
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const WHO = { attributes: { user: 'ada@example.org' } }

/** Asks a service with these arguments, and looks at what it has exported once it has ended. */
export async function expectExported(...args: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-otel-'))
  try {
    writeFileSync(join(folder, 'headgate.yaml'), CONFIG)
    await expectExportedFrom(folder, args)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function expectExportedFrom(folder: string, args: readonly string[]): Promise<void> {
  await using receiver = await otlpReceiver()
  await using headgate = await start(folder, receiver.url, args)
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
  expect(counts.sort()).toEqual([
    ['allowed', 2],
    ['denied', 1],
  ])
  const [durations] = receiver.points('ratelimit.check.duration')
  expect(Number(durations.count)).toBe(3)
  expect(JSON.stringify([receiver.spans(), decisions])).not.toContain('example.org')
}

function start(folder: string, url: string, args: readonly string[]): Promise<HeadgateProcess> {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    OTEL_SERVICE_NAME: 'limits',
  }
  return HeadgateProcess.serve(['--config', join(folder, 'headgate.yaml'), ...args], env)
}

async function consume({ url }: HeadgateProcess, flags?: string): Promise<void> {
  const parent = flags === undefined ? {} : { traceparent: `00-${TRACE}-${PARENT}-${flags}` }
  const headers = { 'content-type': 'application/json', ...parent }
  await (await fetch(`${url}/v1/consume`, { method: 'POST', headers, body: JSON.stringify(WHO) })).text()
}
