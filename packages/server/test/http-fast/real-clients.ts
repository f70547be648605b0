/** Programs that ask `POST /v1/consume` three times over kept connections, and print the status of each answer. */
import { join } from 'node:path'
import { goHttpClient, nodeClients, pythonClients } from '../../../../scripts/ensure-http-clients.ts'
import { pathOf } from '../../../../scripts/ensure-runtimes.ts'
import { commandPath } from '../../../../scripts/redis-installers.ts'
import { BODY } from './recorded-clients.ts'

/** A client, and how it is started. */
export interface RealClient {
  readonly name: string
  /** Null where it is not installed. */
  readonly program: string | null
  readonly args: (url: string) => readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly folder?: string
}

const JSON_TYPE = 'content-type: application/json'
const JAVA_CLIENT = join(import.meta.dirname, '../fixtures/clients/http-java/Client.java')

/** A module of JavaScript that asks by this expression, whose value is a status. */
const askBy = (expression: string, before = ''): string => `
const url = process.argv.at(-1), body = '${BODY}', headers = { 'content-type': 'application/json' }
${before}
for (let i = 0; i < 3; i++) console.log(await (${expression}))
process.exit()
`
const FETCH = askBy(
  "fetch(url, { method: 'POST', headers, body }).then((a) => a.text().then(() => a.status))",
)
const UNDICI = askBy(
  "request(url, { method: 'POST', headers, body }).then((a) => a.body.text().then(() => a.statusCode))",
  "const { request } = await import('undici')",
)
const AXIOS = askBy(
  'client.post(url, JSON.parse(body)).then((a) => a.status)',
  `const { default: axios } = await import('axios'), { Agent } = await import('node:http')
const client = axios.create({ httpAgent: new Agent({ keepAlive: true }) })`,
)

/** A program of Python that asks by a session. */
const sessionOf = (library: string, session: string): string => `
import sys, ${library}
with ${library}.${session}() as session:
    for _ in range(3): print(session.post(sys.argv[1], json={"attributes": {"user": "alice"}}).status_code)
`
const AIOHTTP = `
import sys, asyncio, aiohttp
async def ask():
    async with aiohttp.ClientSession() as session:
        for _ in range(3):
            async with session.post(sys.argv[1], json={"attributes": {"user": "alice"}}) as answer: print(answer.status)
asyncio.run(ask())
`

function node(name: string, module: string): RealClient {
  const folder = nodeClients()
  const args = (url: string): string[] => ['--input-type=module', '-e', module, '--', url]
  return { name, program: folder && process.execPath, args, ...(folder !== null && { folder }) }
}

function python(name: string, program: string): RealClient {
  const site = pythonClients()
  const env = { PYTHONPATH: String(site) }
  return { name, program: site && 'python3', args: (url) => ['-c', program, url], env }
}

function java(name: string, version: 'HTTP_1_1' | 'HTTP_2'): RealClient {
  // A runtime alone has no compiler, which the launcher needs.
  const program = commandPath('javac') === undefined ? null : 'java'
  return { name, program, args: (url) => [JAVA_CLIENT, url, version] }
}

function curl(options: readonly string[]): RealClient['args'] {
  const asked = ['-sS', '-w', '%{http_code}\n', '-H', JSON_TYPE, '-d', BODY, ...options]
  const nowhere = ['-o', '/dev/null']
  return (url) => [...asked, ...nowhere, url, ...nowhere, url, ...nowhere, url]
}

export const realClients: readonly RealClient[] = [
  {
    name: 'fetch of Node',
    program: process.execPath,
    args: (url) => ['--input-type=module', '-e', FETCH, '--', url],
  },
  node('undici', UNDICI),
  node('axios', AXIOS),
  { name: 'fetch of Deno', program: pathOf('deno'), args: (url) => ['eval', FETCH, url] },
  { name: 'fetch of Bun', program: pathOf('bun'), args: (url) => ['-e', FETCH, url] },
  { name: 'net/http of Go', program: goHttpClient(), args: (url) => [url] },
  python('requests of Python', sessionOf('requests', 'Session')),
  python('httpx of Python', sessionOf('httpx', 'Client')),
  python('aiohttp of Python', AIOHTTP),
  java('java.net.http, told to speak HTTP/1.1', 'HTTP_1_1'),
  {
    name: 'curl',
    program: commandPath('curl') ?? null,
    args: curl([]),
  },
]

/** Those whose connections are handed over, and by which reason. */
export const handedOverClients: readonly (RealClient & { readonly reason: string })[] = [
  { ...java('java.net.http, which offers HTTP/2', 'HTTP_2'), reason: 'field' },
  {
    name: 'curl with HTTP/1.0',
    program: commandPath('curl') ?? null,
    args: curl(['--http1.0']),
    reason: 'target',
  },
]
