import { describe, expect, it } from 'vitest'
import type { Attributes } from '../core/key.ts'
import type { Match } from '../core/policy-options.ts'
import { compileMatch } from './matcher.ts'
import { RequestAttributes } from './request-attributes.ts'

const meets = (match: Match | undefined, attributes: Attributes): boolean =>
  compileMatch(match, 'match').test(new RequestAttributes(attributes))

describe('compileMatch', () => {
  it.each<[Match | undefined, Attributes, boolean]>([
    [undefined, {}, true],
    [{}, { user: 'a' }, true],
    [{ role: 'admin' }, { role: 'admin' }, true],
    [{ role: 'admin' }, { role: 'Admin' }, false],
    [{ role: 'admin' }, { role: 'admin ' }, false],
    [{ role: 'admin' }, {}, false],
    [{ role: 'admin' }, { role: '' }, false],
    [{ method: ['PUT', 'POST'] }, { method: 'POST' }, true],
    [{ method: ['PUT', 'POST'] }, { method: 'GET' }, false],
    [{ method: 'POST', role: 'a' }, { method: 'POST' }, false],
    [{ method: 'POST', role: 'a' }, { method: 'POST', role: 'a', more: 'x' }, true],
    [{ port: 80 }, { port: 80 }, true],
    [{ port: 80 }, { port: '80' }, true],
    [{ port: '80' }, { port: 80 }, true],
    [{ port: '080' }, { port: 80 }, false],
    [{ ip: '10.0.0.0/8' }, { ip: '10.1.2.3' }, true],
    [{ ip: ['192.0.2.1', '10.0.0.0/8'] }, { ip: '::ffff:10.1.2.3' }, true],
    [{ ip: '10.0.0.0/8' }, { ip: '11.1.2.3' }, false],
    [{ ip: '10.0.0.0/8' }, {}, false],
    [{ ip: '*' }, { ip: '192.0.2.1' }, true],
    [{ ip: '*' }, {}, false],
    [{ user: '*' }, { user: 'anyone' }, true],
    [{ user: '*' }, { user: '' }, false],
    [{ user: '*' }, {}, false],
    [{ region: 'eu-*' }, { region: 'eu-west' }, true],
    [{ region: 'eu-*' }, { region: 'eu-' }, true],
    [{ region: 'eu-*' }, { region: 'us-east' }, false],
    [{ region: ['us-*', 'eu-west'] }, { region: 'eu-west' }, true],
    [{ host: '*.example.com' }, { host: 'a.b.example.com' }, true],
    [{ host: '*.example.com' }, { host: 'example.com' }, false],
    [{ id: 'a*b*c' }, { id: 'a-b-b-c' }, true],
    [{ id: 'a*b*c' }, { id: 'a-c' }, false],
    [{ id: 'ab*ba' }, { id: 'aba' }, false],
    [{ port: '80*' }, { port: 8080 }, true],
    [{ constructor: 'x' }, {}, false],
    [{ name: 'é' }, { name: 'e\u0301' }, false],
    [{ path: '/api' }, { path: '/api' }, true],
    [{ path: '/api' }, { path: '/apix' }, false],
    [{ path: '/api' }, { path: '//api/' }, true],
    [{ path: '/api' }, { path: '/x/../api?q=1' }, true],
    [{ path: '/api/' }, { path: '/api' }, true],
    [{ path: '/%61pi' }, { path: '/api' }, true],
    [{ path: '/é' }, { path: '/%C3%A9' }, true],
    [{ path: '/%c3%a9' }, { path: '/é' }, true],
    [{ path: '/a%2fb' }, { path: '/a%2Fb' }, true],
    [{ path: '/a/b' }, { path: '/a%2Fb' }, false],
    [{ path: ['/a', '/b/**'] }, { path: '/b/c' }, true],
    [{ path: ['/a', '/b/**'] }, { path: '/c' }, false],
    [{ path: '/**' }, {}, false],
    [{ path: '/**' }, { path: '' }, false],
    [{ path: '/**' }, { path: '/' }, true],
    [{ path: '/' }, { path: '/' }, true],
    [{ path: '/' }, { path: '/a' }, false],
    [{ path: '/a', role: 'x' }, { path: '/a', role: 'y' }, false],
  ])('%j meets %j: %s', (match, attributes, expected) => {
    expect(meets(match, attributes)).toBe(expected)
  })

  it('finds an attribute named __proto__ only where it is given', () => {
    const match = JSON.parse('{"__proto__":"x"}') as Match
    expect(meets(match, {})).toBe(false)
    expect(meets(match, JSON.parse('{"__proto__":"x"}'))).toBe(true)
  })

  it.each([
    ['api', '"api" is not a path pattern; begin with a slash'],
    ['/a*', '"/a*" is not a path pattern'],
    ['/u/:id', 'write * for :id'],
    ['/api/{id}', 'write * for {id}'],
    ['/*.js', '* is one whole segment, ** any number of them'],
    ['/a/***', 'is not a path pattern'],
    ['', '"" cannot be matched; use a text, a whole number, or a list of them'],
  ])('refuses the path %j', (path, message) => {
    expect(() => compileMatch({ path }, 'p.match')).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        path: 'p.match.path',
        message: expect.stringContaining(message),
      }),
    )
  })

  // Fails until patternOf of matcher.ts normalises or refuses what paths never contain.
  it.each([['/a/../b'], ['/./b'], ['/%2e/b'], ['/b?c'], ['/b#c']])(
    'takes the pattern %s for no other and never for one that meets nothing',
    (pattern) => {
      try {
        compileMatch({ path: pattern }, 'match')
      } catch {
        return
      }
      expect(meets({ path: pattern }, { path: pattern })).toBe(true)
      expect(meets({ path: pattern }, { path: '/b' })).toBe(!/[?#]/.test(pattern))
    },
  )

  it.each([[1.5], [null], [{}], [['a', 1.5]], [[]], [true], [[['a']]], [Number.NaN], [[null]]])(
    'refuses to match %j',
    (value) => {
      expect(() => compileMatch({ role: value } as never, 'p.match')).toThrow(
        expect.objectContaining({ code: 'invalid-options', path: 'p.match.role' }),
      )
    },
  )

  // Fails until textsOf of matcher.ts asks whether every value is valid: it takes undefined for none found.
  it.each([[undefined], [[undefined]], [['admin', undefined]]])('refuses to match %s', (value) => {
    expect(() => compileMatch({ role: value } as never, 'p.match')).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'p.match.role' }),
    )
  })

  it.each(['post', 'Get'])('refuses the method %s, which no request has', (method) => {
    expect(() => compileMatch({ method: ['PUT', method] }, 'p.match')).toThrow(
      `p.match.method: "${method}" matches no request, since methods are upper case; write ${method.toUpperCase()}`,
    )
    expect(meets({ method: 'purge' }, { method: 'purge' })).toBe(true)
  })

  it.each([['text'], [5], [[]]])('refuses %j as a whole', (match) => {
    expect(() => compileMatch(match as never, 'p.match')).toThrow(
      expect.objectContaining({
        code: 'invalid-options',
        path: 'p.match',
        message: expect.stringContaining('is not a match; write { attribute: value }'),
      }),
    )
  })

  // Fails until compileMatch checks for an object before it asks for its keys.
  it('refuses null as a whole', () => {
    expect(() => compileMatch(null as never, 'p.match')).toThrow(
      expect.objectContaining({ code: 'invalid-options', path: 'p.match' }),
    )
  })

  it.each([[{ $gt: '' }], [['admin']], [1.5], [true]])('refuses a request whose attribute is %j', (role) => {
    expect(() => meets({ role: 'admin' }, { role } as never)).toThrow(
      expect.objectContaining({ code: 'invalid-key', message: expect.stringContaining('attribute role is') }),
    )
    expect(() => meets({ path: '/a' }, { path: role } as never)).toThrow(
      expect.objectContaining({ code: 'invalid-key' }),
    )
    expect(meets({ user: 'a' }, { user: 'a', role } as never)).toBe(true)
  })
})

describe('RequestAttributes', () => {
  it('splits its path once', () => {
    const request = new RequestAttributes({ path: '//a/./b/?q' })
    expect(request.segments).toEqual(['a', 'b'])
    expect(request.segments).toBe(request.segments)
    expect(new RequestAttributes({}).segments).toEqual([])
  })
})
