import { parseDuration } from 'headgate'
import type { RemoteSettings } from '../../service/proxy-settings/remote-settings.ts'
import type { Mistake } from '../config-error.ts'
import type { RemoteShape } from '../schema/proxy-remote-shape.ts'

const DEADLINE_MS = 1000
const DEADLINE_MAX_MS = 60_000
/** RFC 6750, section 2.1. */
const TOKEN = /^[\w.~+/-]+=*$/

/** The settings of `proxy.service`, with all defaults, or what is wrong. */
export function readRemote(shape: RemoteShape): RemoteSettings | readonly Mistake[] {
  const { url, token, onError = 'closed', deadline } = shape
  const deadlineMs = deadline === undefined ? DEADLINE_MS : parseDuration(deadline, '')
  const mistakes = [
    ...(isService(url)
      ? []
      : [mistake('url', 'is no URL of a service; write http://headgate:8080, without user, ? and #')]),
    // The value is not repeated: it is a secret.
    ...(token === undefined || TOKEN.test(token)
      ? []
      : [mistake('token', 'is no token; use letters, digits and - . _ ~ + / =')]),
    ...(deadlineMs <= DEADLINE_MAX_MS
      ? []
      : [mistake('deadline', 'is longer than 1m; requests wait for it')]),
  ]
  return mistakes.length > 0 ? mistakes : { url, token: token ?? null, onError, deadlineMs }
}

function isService(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  return url.username === '' && url.password === '' && url.search === '' && url.hash === ''
}

function mistake(field: keyof RemoteShape, message: string): Mistake {
  return { path: ['proxy', 'service', field], message }
}
