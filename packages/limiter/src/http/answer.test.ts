import { describe, expect, it } from 'vitest'
import type { Decision, RuleView } from '../core/decision.ts'
import type { PolicyAnswer } from '../core/policy-answer.ts'
import { answerTo } from './answer.ts'
import { compileHeaders } from './rate-limit-headers.ts'

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
    rules: [view('wide'), view('api'), { ...view('other'), remaining: 5, retryAfterMs: 0 }],
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
        'violated-policies': ['api/1m', 'wide/1m'],
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
      {
        error: {
          code: 'limited',
          message: 'Too many requests; try again in 2 s',
          details: { policy: 'api', rule: '1m', limit: 10, remaining: 0, retry_after_seconds: 2 },
          recovery_suggestions: [
            'Wait 2 s before you send this request again.',
            'Send requests at an even pace, and fewer of them.',
          ],
        },
      },
    ],
  ] as const)('puts a denial as %s', (denial, given, type, body) => {
    const answer = answerTo(given, { denial })
    expect(answer).toMatchObject({ status: 429, headers: { 'content-type': type } })
    expect(JSON.parse(answer.body)).toEqual(body)
  })

  const never = { retryAfterMs: null, rules: [{ ...view('api'), retryAfterMs: null }] }
  const noWait = 'Do not repeat this request: no wait makes it pass.'
  const ask = 'Ask whoever runs this service if you think that this is a mistake.'
  it.each<[Partial<Decision>, string, string, string[]]>([
    [
      { reason: 'cost-exceeds-capacity', ...never },
      'quota-exceeded',
      'This request needs more than the whole quota',
      [
        'Split this request into smaller ones of at most 10 each.',
        'Do not repeat it as it is: no wait makes it pass.',
      ],
    ],
    [{ reason: 'denied-by-policy', ...never }, 'quota-exceeded', 'Too many requests', [noWait]],
    [
      { ...onList, reason: 'limited' },
      'quota-exceeded',
      'Too many requests',
      ['Send requests at an even pace, and fewer of them.'],
    ],
    [onList, 'abnormal-usage-detected', 'This request is refused', [noWait, ask]],
    [
      { reason: 'blocked', retryAfterMs: 3000, rules: [] },
      'abnormal-usage-detected',
      'This request is refused; try again in 3 s',
      ['Wait 3 s before you send this request again.', ask],
    ],
    [
      { ...onList, reason: 'store-unavailable', retryAfterMs: 1000 },
      'temporary-reduced-capacity',
      'Requests are not taken at the moment; try again in 1 s',
      [
        'Wait 1 s before you send this request again.',
        'Nothing is wrong with this request: send it again as it is.',
      ],
    ],
  ])('says what to do after %j', (parts, type, message, suggestions) => {
    const { error } = JSON.parse(answerTo(decision(parts), { denial: 'json' }).body)
    expect(error).toMatchObject({ code: parts.reason, message, recovery_suggestions: suggestions })
    const problem = JSON.parse(answerTo(decision(parts)).body)
    expect(problem).toMatchObject({ type: expect.stringMatching(new RegExp(`#${type}$`)), detail: message })
  })

  it.each([decision(), decision({ reason: 'cost-exceeds-capacity', ...never })])(
    'names no policy and no number in a body where header fields do not',
    (given) => {
      const wait = given.retryAfterMs === null ? null : 2
      const { body, headers } = answerTo(given, { denial: 'json', headers: false })
      expect(Object.keys(headers).filter((field) => field.includes('ratelimit'))).toEqual([])
      expect(JSON.parse(body).error.details).toEqual({ retry_after_seconds: wait })
      expect(body).not.toMatch(/api|10/)
      expect(JSON.parse(answerTo(given, { headers: false }).body)).not.toHaveProperty('violated-policies')
    },
  )

  it('takes fields from a function that was compiled before, which is told the key', () => {
    const headers = compileHeaders({ partitionKey: { secret: 'a secret of a test' } })
    const answer = answerTo(decision(), { headers, key: 'alice' })
    expect(answer.headers).toMatchObject(headers(decision(), 'alice'))
    expect(answer.headers['ratelimit']).toContain(';pk=:')
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
    const { headers } = answerTo(given, { answers, headers: false })
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

  it('keeps denials, and nothing else, out of caches', () => {
    const passes = decision({ allowed: true, reason: 'within-limit', retryAfterMs: 0 })
    expect(answerTo(passes).headers).not.toHaveProperty('cache-control')
    for (const answers of [new Map(), new Map([['api', own]])]) {
      expect(answerTo(decision(), { answers }).headers['cache-control']).toBe('no-store')
    }
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
