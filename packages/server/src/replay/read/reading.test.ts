import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CombinedParser } from '../parse/combined-parser.ts'
import type { PlayedRequest } from '../played-request.ts'
import { mergeRequests } from './merge-requests.ts'
import { openLog } from './open-log.ts'
import { ReadCounts } from './read-counts.ts'
import { readRequests } from './read-lines.ts'
import { ReorderWindow } from './reorder-window.ts'

async function* asChunks(text: string, sizes: readonly number[]): AsyncIterableIterator<Buffer> {
  const bytes = Buffer.from(text)
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const end = at + (sizes[i % sizes.length] as number)
    yield bytes.subarray(at, end)
    at = end
  }
}

async function collect<T>(batches: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = []
  for await (const batch of batches) all.push(...batch)
  return all
}

const line = (path: string): string =>
  `192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] "GET ${path} HTTP/1.1" 200 1`

describe('the lines of a log', () => {
  it('are the same however it comes in pieces, with any ends of lines', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 })
    const lines = fc.array(fc.constantFrom(line('/a'), line('/bb/c'), '', 'no line', `${line('/é')}\r`), {
      maxLength: 12,
    })
    await fc.assert(
      fc.asyncProperty(lines, sizes, fc.boolean(), async (drawn, pieces, endsInNewline) => {
        const counts = new ReadCounts()
        const text = drawn.join('\n') + (endsInNewline ? '\n' : '')
        const parser = new CombinedParser('combined')
        const requests = await collect(
          readRequests({ name: 'x', chunks: asChunks(text, pieces), parser, counts }),
        )
        const paths = drawn.flatMap((one) => /GET (\S+)/.exec(one)?.[1] ?? [])
        expect(requests.map(({ who }) => who['path'])).toEqual(paths)
        const bad = drawn.flatMap((one, i) => (one === 'no line' ? [i + 1] : []))
        expect(counts.unreadable).toBe(bad.length)
        expect(counts.examples.map((one) => one.line)).toEqual(bad.slice(0, 5))
        expect(counts.lines).toBe(paths.length + bad.length)
      }),
    )
  })

  it('that never end are left aside without being kept', async () => {
    const counts = new ReadCounts()
    const text = `${line('/a')}\n${'x'.repeat(300_000)}\n${line('/b')}\n`
    const parser = new CombinedParser('combined')
    const requests = await collect(
      readRequests({ name: 'x', chunks: asChunks(text, [9999]), parser, counts }),
    )
    expect(requests.map(({ who }) => who['path'])).toEqual(['/a', '/b'])
    expect(counts.examples).toEqual([{ file: 'x', line: 2, message: 'it is longer than 65536 bytes' }])
  })
})

describe('requests out of order', () => {
  const request = (atUs: number, i: number): PlayedRequest => ({ atUs, who: { i: String(i) } })

  it('are put in order as far as the window reaches; later ones are played at the time of the one before, and counted', () => {
    const times = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 })
    fc.assert(
      fc.property(
        times,
        fc.integer({ min: 0, max: 100 }),
        fc.integer({ min: 1, max: 70 }),
        (drawn, windowUs, heldMax) => {
          const window = new ReorderWindow(windowUs, heldMax)
          const played: PlayedRequest[] = []
          for (const [i, atUs] of drawn.entries()) {
            window.add(request(atUs, i))
            for (let due = window.take(); due !== undefined; due = window.take()) played.push(due)
          }
          for (let due = window.takeLast(); due !== undefined; due = window.takeLast()) played.push(due)
          const at = played.map(({ atUs }) => atUs)
          expect(at).toEqual([...at].sort((a, b) => a - b))
          expect(played.map(({ who }) => Number(who['i'])).sort((a, b) => a - b)).toEqual(
            drawn.map((_, i) => i),
          )
          const moved = played.filter(({ atUs, who }) => atUs !== drawn[Number(who['i'])])
          expect(moved.length).toBe(window.late)
          // Nothing within the window is late, where it holds as many.
          const isNear = drawn.every((one, i) => one >= Math.max(0, ...drawn.slice(0, i)) - windowUs)
          if (isNear && heldMax >= drawn.length) expect(window.late).toBe(0)
        },
      ),
    )
  })

  it('are held back only as far as their attributes are not too long together', () => {
    const window = new ReorderWindow(100, 100, 1000)
    for (let i = 0; i < 5; i++) window.add({ atUs: 1, who: { path: 'x'.repeat(300) } })
    const given = Array.from({ length: 5 }, () => window.take() !== undefined)
    expect(given).toEqual([true, true, false, false, false])
  })

  it('of equal times stay as they were', () => {
    const window = new ReorderWindow()
    for (const [i, at] of [5, 3, 5, 3, 5].entries()) window.add(request(at, i))
    const order = Array.from({ length: 5 }, () => window.takeLast()?.who['i'])
    expect(order.join('')).toBe('13024')
  })

  it('are taken from several logs by their times', async () => {
    async function* log(batches: readonly (readonly number[])[]): AsyncIterableIterator<PlayedRequest[]> {
      for (const batch of batches) yield batch.map((at) => request(at, 0))
    }
    const merged = await collect(
      mergeRequests([
        log([[1, 4], [], [9]]),
        log([]),
        log([
          [2, 3],
          [4, 10],
        ]),
      ]),
    )
    expect(merged.map(({ atUs }) => atUs)).toEqual([1, 2, 3, 4, 4, 9, 10])
  })
})

it('a compressed log is read to the byte where it is cut off', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'headgate-cut-'))
  const lines = Array.from({ length: 20_000 }, (_, i) => line(`/${Math.imul(i, 2654435761) >>> 0}`))
  const whole = gzipSync(lines.join('\n'))
  try {
    for (const share of [0.001, 0.3, 0.5, 0.77, 0.999, 1]) {
      const file = join(folder, 'cut.gz')
      const part = whole.subarray(0, Math.floor(whole.length * share))
      writeFileSync(file, part)
      const log = await openLog(file)
      const chunks: Buffer[] = []
      for await (const chunk of log.chunks) {
        // Who reads slowly loses nothing either.
        await new Promise(setImmediate)
        chunks.push(chunk)
      }
      const there = gunzipSync(part, { finishFlush: constants.Z_SYNC_FLUSH })
      expect(Buffer.concat(chunks).equals(there)).toBe(true)
      expect(log.isCutOff()).toBe(share < 1)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
