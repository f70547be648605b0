import { isIP } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { httpProblem, type Problem } from 'headgate/http'
import { sendProblem } from '../http/encode.ts'

/** Header fields of every answer: nothing in it is run, embedded or guessed at, by whatever page asked. */
const ANSWER_FIELDS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
}

/** Methods by which state is changed, and whose body says how. */
const WITH_BODY: readonly string[] = ['POST', 'PUT', 'PATCH']

/** Fields of which Node would take the first, and others the last. */
const ONCE: readonly string[] = ['host', 'authorization', 'origin', 'content-type']

/** The path of the dashboard. */
const PAGE = '/'

/** What a page may ask of its own origin, and a person by the address bar. */
const SAME_SITE: readonly string[] = ['same-origin', 'none']

/**
 * Keeps pages of other sites from using the browser of an operator, which reaches what they do not: names that lead here by
 * their own name service (DNS rebinding), requests across sites, forms. `hosts` are the names that an operator gives, beside
 * addresses and `localhost`.
 */
export function guardAgainstBrowsers(app: FastifyInstance, hosts: () => readonly string[]): void {
  app.addHook('onRequest', (request, reply, done) => {
    // No browser knows a Unix socket. Of a connection that has ended the address is no longer known.
    const isSocket = typeof app.server.address() === 'string'
    const problem = objection(request, isSocket ? null : hosts())
    if (problem === null) done()
    else void sendProblem(reply, problem)
  })
  app.addHook('onSend', (_, reply, ...[, done]) => {
    for (const [name, value] of Object.entries(ANSWER_FIELDS)) {
      if (!reply.hasHeader(name)) void reply.header(name, value)
    }
    done()
  })
}

/** Why a request is not looked at; null where nothing speaks against it. Without `hosts` any host will do. */
function objection(request: FastifyRequest, hosts: readonly string[] | null): Problem | null {
  const { headers, method } = request
  // Also where it names another host than the field does (RFC 9112, section 3.2.2).
  if (!request.originalUrl.startsWith('/')) return httpProblem(400, 'give a path, and no whole URL')
  const twice = ONCE.find((name) => isTwice(request.raw.rawHeaders, name))
  // Whoever stands in front may have looked at the other one.
  if (twice !== undefined) return httpProblem(400, `the header field ${twice} is there twice; send it once`)
  if (hosts !== null && !isKnownHost(headers.host ?? '', hosts)) {
    const fix = 'use its address, or add the name to admin.hosts in the configuration'
    return httpProblem(403, `this host name is none of the admin listener; ${fix}`)
  }
  if (!isSameSite(request) && !isLinkToPage(request)) {
    return httpProblem(403, 'the admin listener takes no requests of pages of other sites')
  }
  if (WITH_BODY.includes(method) && !isJson(headers['content-type'])) {
    return httpProblem(415, 'send the body as content-type: application/json')
  }
  return null
}

/** Whether a field stands there more than once, in a list of names and values in turn. */
function isTwice(raw: readonly string[], name: string): boolean {
  return raw.filter((text, i) => i % 2 === 0 && text.toLowerCase() === name).length > 1
}

/** Whether it is an address, which no name service can move, or a name that the operator gave. */
function isKnownHost(field: string, hosts: readonly string[]): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(field) ?? []
  if (bracketed !== undefined) return isIP(bracketed) === 6
  const name = plain?.toLowerCase() ?? ''
  return name === 'localhost' || isIP(name) === 4 || hosts.includes(name)
}

/** Whether no browser says that another site asks. */
function isSameSite({ headers, method }: FastifyRequest): boolean {
  const { origin, host } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined && !SAME_SITE.includes(String(site))) return false
  if (site === 'none' && WITH_BODY.includes(method)) return false
  if (origin === undefined) return true
  return origin === `http://${host}` || origin === `https://${host}`
}

/** Whether a person follows a link to the page, which has no data: what it asks then comes from its own origin. */
function isLinkToPage({ headers, method, originalUrl }: FastifyRequest): boolean {
  const isPage = method === 'GET' && originalUrl.split('?', 1)[0] === PAGE
  const isLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  return isPage && isLink && headers.origin === undefined
}

function isJson(type: string | undefined): boolean {
  return /^application\/(merge-patch\+)?json\s*(;|$)/i.test(type ?? '')
}
