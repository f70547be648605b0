import { Readable } from 'node:stream'
import { manualClock } from 'headgate/testing'
import { describe, expect, it } from 'vitest'
import type { CspReport } from '../../service/proxy-events.ts'
import { CspReports } from './csp-reports.ts'

const REPORT = JSON.stringify({ 'csp-report': { 'effective-directive': 'img-src' } })
const TYPE = 'application/csp-report'

function start() {
  const clock = manualClock(1_999_999)
  const taken: { report: CspReport; isLogged: boolean }[] = []
  const onReport = (report: CspReport, isLogged: boolean) => taken.push({ report, isLogged })
  return { clock, taken, reports: new CspReports({ paths: ['/csp'], clock, onReport }) }
}

function request(type: string | null, contentLength: number | null = null) {
  return { fields: type === null ? [] : ['content-type', type], contentLength }
}

function bodyOf(...chunks: string[]): Readable {
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk)))
}

describe('reports of violations', () => {
  it('come to their path by POST', () => {
    const { reports } = start()
    expect(reports.matches({ method: 'POST', path: '/csp' })).toBe(true)
    expect(reports.matches({ method: 'GET', path: '/csp' })).toBe(false)
    expect(reports.matches({ method: 'POST', path: '/csp/' })).toBe(false)
  })

  it.each([TYPE, 'Application/Reports+JSON; charset=utf-8'])('are taken as %s', async (type) => {
    const { reports, taken } = start()
    const answer = await reports.answer(request(type), bodyOf(REPORT.slice(0, 9), REPORT.slice(9)))
    expect(answer).toEqual({ outcome: 'csp-report', status: 204, fields: [], body: '' })
    expect(taken).toMatchObject([{ report: { directive: 'img-src' }, isLogged: true }])
  })

  it.each([
    [415, 'bad-request', request('application/json'), REPORT],
    [415, 'bad-request', request(null), REPORT],
    [413, 'body-too-large', request(TYPE, 16_385), ''],
    [413, 'body-too-large', request(TYPE), 'x'.repeat(16_385)],
    [400, 'bad-request', request(TYPE), 'x'.repeat(16_384)],
  ] as const)(
    'are answered with %d (%s), with the end of the connection where more may come',
    async (...row) => {
      const [status, outcome, asked, text] = row
      const { clock, reports, taken } = start()
      expect(await reports.answer(asked, bodyOf(text))).toMatchObject({
        status,
        outcome,
        closes: status !== 400,
      })
      expect(clock.pending).toBe(0)
      expect(taken).toEqual([])
    },
  )

  it('are all told of, and of 10 a second it is said that they are logged', async () => {
    const { clock, reports, taken } = start()
    const send = async (count: number): Promise<number> => {
      taken.length = 0
      for (let i = 0; i < count; i++) await reports.answer(request(TYPE), bodyOf(REPORT))
      expect(taken).toHaveLength(count)
      return taken.filter(({ isLogged }) => isLogged).length
    }
    expect(await send(15)).toBe(10)
    clock.advanceUs(1)
    expect(await send(3)).toBe(3)
  })

  it.each([new Error('gone'), undefined])(
    'whose body breaks off (%s) are of a client that has gone',
    async (why) => {
      const { clock, reports } = start()
      const body = new Readable({ read: () => body.destroy(why) })
      expect(await reports.answer(request(TYPE), body)).toMatchObject({ outcome: 'client-gone' })
      expect(await reports.answer(request(TYPE), body)).toMatchObject({ outcome: 'client-gone' })
      expect(clock.pending).toBe(0)
    },
  )

  it('have 10 s to come', async () => {
    const { clock, reports } = start()
    const answer = reports.answer(request(TYPE), new Readable({ read: () => {} }))
    clock.advance(10_000)
    expect(await answer).toMatchObject({ status: 400, outcome: 'bad-request', closes: true })
  })
})
