import { describe, expect, it } from 'vitest'
import type { Decision, RuleView } from '../core/decision.ts'
import type { PolicyAnswer } from '../core/policy-answer.ts'
import { answerTo } from './answer.ts'

function view(policy: string): RuleView {
  const rate = { limit: 10, windowMs: 60_000 }
  return { policy, rule: '1m', limit: 10, rate, remaining: 0, retryAfterMs: 1500, resetAfterMs: 60_000 }
}

/** A decision of two policies, of which `api` binds. */
function decision(parts: Partial<Decision> = {}): Decision {
  const base = {
    allowed: false,
    reason: 'limited',
    source: 'store',
    policy: 'api',
    rule: '1m',
    limit: 10,
    remaining: 0,
    cost: 1,
    retryAfterMs: 1501,
    resetAfterMs: 60_000,
    rules: [view('wide'), view('api'), view('other')],
    shadow: [],
    receipt: null,
  }
  return { ...base, ...parts } as Decision
}

const onList = {
  reason: 'denied-by-policy',
  policy: null,
  rule: null,
  retryAfterMs: null,
  rules: [],
} as const
const answers = new Map<string, PolicyAnswer>([
  ['api', { headers: { 'x-plan': 'api' }, response: null }],
  ['wide', { headers: { 'x-plan': 'wide', 'x-wide': '1' }, response: null }],
  ['other', { headers: { 'x-wide': 'other' }, response: null }],
  ['idle', { headers: { 'x-idle': '1' }, response: null }],
])
const own: PolicyAnswer = {
  headers: { 'x-plan': 'api' },
  response: {
    status: 420,
    body: '<b>no</b>',
    headers: { 'content-type': 'text/html', 'x-plan': 'none' },
  },
}

describe('answerTo', () => {
  it.each([
    [
      'problem',
      decision(),
      'application/problem+json',
      {
        type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
        title: 'Request cannot be satisfied as assigned quota has been exceeded',
        status: 429,
        detail: 'Too many requests; try again in 2 s',
        'violated-policies': ['api/1m'],
      },
    ],
    [
      'problem',
      decision(onList),
      'application/problem+json',
      {
        type: 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected',
        title: 'Request not satisfied due to detection of abnormal request pattern',
        status: 429,
        detail: 'This request is refused',
      },
    ],
    [
      'json',
      decision(),
      'application/json; charset=utf-8',
      { error: { code: 'limited', message: 'Too many requests; try again in 2 s', retryAfterSeconds: 2 } },
    ],
  ] as const)('puts a denial as %s', (denial, given, type, body) => {
    const answer = answerTo(given, { denial })
    expect(answer).toMatchObject({ status: 429, headers: { 'content-type': type } })
    expect(JSON.parse(answer.body)).toEqual(body)
  })

  it('puts a denial as text, and waits at least one second', () => {
    const rules = [{ ...view('api'), retryAfterMs: 1 }]
    const { headers, body } = answerTo(decision({ retryAfterMs: 1, rules }), { denial: 'text' })
    expect(body).toBe('Too many requests; try again in 1 s\n')
    expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1' })
  })

  it('answers 503 where the store did not answer', () => {
    const given = decision({ ...onList, reason: 'store-unavailable', retryAfterMs: 1000 })
    const { status, body } = answerTo(given)
    expect(status).toBe(503)
    expect(JSON.parse(body)).toMatchObject({ status: 503, type: expect.stringContaining('reduced-capacity') })
  })

  it('has no body where the request passes', () => {
    const given = decision({ allowed: true, reason: 'within-limit', retryAfterMs: 0 })
    expect(answerTo(given)).toMatchObject({
      status: 200,
      body: '',
      headers: { ratelimit: expect.any(String) },
    })
  })

  it('has the fields of all policies that judged, the binding one first', () => {
    const given = decision({ allowed: true, reason: 'within-limit', retryAfterMs: 0 })
    const { headers } = answerTo(given, { answers, headers: 'none' })
    expect(headers).toEqual({ 'x-plan': 'api', 'x-wide': '1' })
    expect(answerTo(decision(onList), { answers }).headers).not.toHaveProperty('x-plan')
  })

  it('answers as the binding policy does, with the numbers of the decision', () => {
    const { status, headers, body } = answerTo(decision(), { answers: new Map([['api', own]]) })
    expect([status, body]).toEqual([420, '<b>no</b>'])
    expect(headers).toMatchObject({ 'content-type': 'text/html', 'x-plan': 'none', 'retry-after': '2' })
  })

  it('answers every denial with the status that is asked for, and says so in the document', () => {
    const unavailable = decision({ ...onList, reason: 'store-unavailable', retryAfterMs: 1000 })
    for (const given of [decision(), decision(onList), unavailable]) {
      const { status, body } = answerTo(given, { deniedStatus: 403 })
      expect([status, JSON.parse(body).status]).toEqual([403, 403])
    }
    const answer = answerTo(decision(), { answers: new Map([['api', own]]), deniedStatus: 403 })
    expect(answer).toMatchObject({ status: 403, body: '<b>no</b>' })
    const passes = decision({ allowed: true, reason: 'within-limit', retryAfterMs: 0 })
    expect(answerTo(passes, { deniedStatus: 403 }).status).toBe(200)
  })

  it('leaves the response of another policy out', () => {
    const { status, headers } = answerTo(decision(), { answers: new Map([['wide', own]]) })
    expect(status).toBe(429)
    expect(headers['content-type']).toBe('application/problem+json')
  })

  it('refuses options that it does not know, of whatever decision', () => {
    const passed = decision({ allowed: true, reason: 'within-limit', retryAfterMs: 0 })
    for (const given of [passed, decision()]) {
      const mistake = { code: 'invalid-options', path: 'denial', detail: expect.stringContaining('"html"') }
      expect(() => answerTo(given, { denial: 'html' as never })).toThrow(expect.objectContaining(mistake))
      expect(() => answerTo(given, { headers: 'x' as never })).toThrow(
        expect.objectContaining({ path: 'headers' }),
      )
    }
  })
})
