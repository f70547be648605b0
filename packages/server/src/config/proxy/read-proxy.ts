import { dirname } from 'node:path'
import { isAmbiguousPath, normalizePath } from 'headgate/http'
import type { AuthSettings } from '../../service/proxy-settings/auth-settings.ts'
import type { ProxySettings, RouteSettings } from '../../service/proxy-settings/proxy-settings.ts'
import type { Mistake, Path } from '../config-error.ts'
import { bytesOf } from '../schema/byte-size.ts'
import type { FileShape } from '../schema/file-shape.ts'
import type { FileProxy, FileRoute } from '../schema/proxy-shape.ts'
import { show } from '../unknown-name.ts'
import { outcomePolicies } from './outcome-policies.ts'
import { missingFor, readAuth } from './read-auth.ts'
import { readCors } from './read-cors.ts'
import { readHardening } from './read-hardening.ts'
import { readRemote } from './read-remote.ts'
import { readRequestSettings } from './read-request.ts'
import { readUpstream } from './read-upstream.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
const BODY_BYTES = 1024 * 1024

/** The edge proxy of a file, with all defaults, or what is wrong with it; null where there is none. Other files are looked for beside `file`. */
export function readProxy(shape: FileShape, file: string): ProxySettings | readonly Mistake[] | null {
  const { proxy } = shape
  if (proxy === undefined) return null
  const request = readRequestSettings(proxy)
  const tokenHeader = shape.jwt && (shape.jwt.header ?? 'authorization').toLowerCase()
  const auth = readAuth(proxy, { folder: dirname(file), tokenHeader })
  const cors = proxy.cors === undefined ? null : readCors(proxy.cors, shape.http?.headers)
  const remote = proxy.service === undefined ? null : readRemote(proxy.service)
  const routes = readRoutes(proxy, file)
  const wrong = [
    ...[request, auth, cors, remote, routes].flatMap((one) => (isMistaken(one) ? one : [])),
    ...(isMistaken(auth) ? [] : requireMistakes(proxy, shape, auth)),
    ...http2Mistakes(shape),
  ]
  if (wrong.length > 0 || isMistaken(request) || isMistaken(auth) || isMistaken(cors)) return wrong
  if (isMistaken(remote) || isMistaken(routes)) return wrong
  const outcomes = outcomePolicies(shape.policies)
  return {
    ...request,
    auth,
    cors,
    remote,
    routes,
    outcomes,
    http2: proxy.http2 ?? false,
    accessLog: proxy.accessLog ?? true,
  }
}

/** No client asks for HTTP/2 where there is no TLS to ask in. */
function http2Mistakes({ proxy, tls }: FileShape): readonly Mistake[] {
  const hasTls = tls?.listeners?.includes('proxy') ?? tls !== undefined
  if (proxy?.http2 !== true || hasTls) return []
  return [
    {
      path: ['proxy', 'http2'],
      message: 'takes TLS; give the proxy a certificate under tls, or leave it out',
    },
  ]
}

/** What is to be read of a route: its own, before that of all. */
type RouteParts = Omit<FileRoute, 'path'>

function readRoutes(proxy: FileProxy, file: string): RouteSettings[] | readonly Mistake[] {
  const { routes = [] } = proxy
  const hasRoot = routes.some(({ path }) => normalizePath(path) === '/')
  const named = routes.map((route, i) => ({ route, at: ['proxy', 'routes', i] as Path }))
  const all = hasRoot ? named : [...named, { route: { path: '/' }, at: ['proxy'] as Path }]
  const read = all.map(({ route, at }) => readRoute({ route, at, proxy, file }))
  const mistakes = [...read.flatMap((one) => (isMistaken(one) ? one : [])), ...pathMistakes(proxy)]
  // What is wrong in what all routes have in common is told once.
  const distinct = new Map(mistakes.map((one) => [JSON.stringify(one), one]))
  return distinct.size > 0 ? [...distinct.values()] : (read as RouteSettings[])
}

interface RoutePlace {
  readonly route: FileRoute
  readonly at: Path
  readonly proxy: FileProxy
  readonly file: string
}

function readRoute({ route, at, proxy, file }: RoutePlace): RouteSettings | readonly Mistake[] {
  const own = <Name extends keyof RouteParts>(name: Name): Path =>
    (route as RouteParts)[name] === undefined ? ['proxy', name] : [...at, name]
  const parts: RouteParts = { ...proxy, ...route }
  const { upstream, require = 'none', scopes = [], methods = METHODS, maxBody = BODY_BYTES } = parts
  if (upstream === undefined) {
    const message = 'is missing; say where requests go, as in upstream: http://127.0.0.1:3000'
    return [{ path: ['proxy', 'upstream'], message }]
  }
  const servers = readUpstream(upstream, own('upstream'), file)
  const hardening = readHardening(parts.hardening, own('hardening'))
  if (isMistaken(servers) || isMistaken(hardening)) {
    return [servers, hardening].flatMap((one) => (isMistaken(one) ? one : []))
  }
  return {
    path: normalizePath(route.path),
    upstream: servers,
    require: require === 'none' ? [] : [require].flat(),
    scopes,
    methods: [...new Set(methods)],
    bodyBytesMax: bytesOf(maxBody),
    webSocket: parts.webSocket ?? false,
    hardening,
  }
}

function pathMistakes({ routes = [], paths }: FileProxy): Mistake[] {
  const seen = new Set<string>()
  return routes.flatMap(({ path }, i) => {
    const spelled = normalizePath(path)
    const normal = paths?.ignoreCase !== false ? spelled.toLowerCase() : spelled
    const isRepeated = seen.has(normal)
    seen.add(normal)
    const at = ['proxy', 'routes', i, 'path']
    if (isAmbiguousPath(path))
      return [{ path: at, message: `${show(path)} is read in several ways; write it plainly` }]
    return isRepeated ? [{ path: at, message: `${show(path)} is there twice; one route has a path` }] : []
  })
}

/** Ways to authenticate that the file says nothing of, and scopes that nobody is asked for. */
function requireMistakes(proxy: FileProxy, shape: FileShape, auth: AuthSettings): Mistake[] {
  const available = {
    auth,
    hasJwt: shape.jwt !== undefined,
    hasClientCa: shape.tls?.clientCaFile !== undefined,
  }
  const places = [
    { at: ['proxy'] as Path, part: proxy as RouteParts },
    ...(proxy.routes ?? []).map((part, i) => ({
      at: ['proxy', 'routes', i] as Path,
      part: part as RouteParts,
    })),
  ]
  return places.flatMap(({ at, part }) => {
    const { require = [], scopes = [] } = part
    const methods = require === 'none' ? [] : [require].flat()
    const missing = methods.flatMap((method) => missingFor(method, available) ?? [])
    const isInherited =
      part.require === undefined && at.length > 1 && proxy.require !== undefined && proxy.require !== 'none'
    const nobody = methods.length === 0 && !isInherited && scopes.length > 0
    const needless = { path: [...at, 'scopes'], message: 'nobody authenticates here; give require a way to' }
    return [
      ...missing.map((message) => ({ path: [...at, 'require'], message })),
      ...(nobody ? [needless] : []),
    ]
  })
}

function isMistaken<T>(read: T | readonly Mistake[]): read is readonly Mistake[] {
  return (
    Array.isArray(read) && read.every((one) => typeof one === 'object' && 'message' in one) && read.length > 0
  )
}
