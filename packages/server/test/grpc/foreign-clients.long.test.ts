/** Clients that others wrote: of Python, of Go, and the probe that Kubernetes has. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { goClient, healthProbe, pythonSite } from '../../../../scripts/ensure-grpc-clients.ts'
import { parseProto } from '../../../../scripts/parse-proto.ts'
import { HeadgateProcess } from '../e2e/headgate-process.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const PROTO = join(ROOT, 'packages/server/proto')
const POLICIES = 'policies: [{ name: api, key: user, rules: [{ limit: 10/s, burst: 6 }] }]'

let folder: string
let headgate: HeadgateProcess
let target: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'headgate-grpc-'))
  const file = join(folder, 'headgate.yaml')
  writeFileSync(file, POLICIES)
  headgate = await HeadgateProcess.serve(['--config', file, '--grpc-port', '0', '--grpc-reflection'])
  target = await vi.waitFor(() => {
    const [, found] = /"url":"grpc:\/\/([^"]+)"/.exec(headgate.stdout) ?? []
    if (found === undefined) throw new Error('it does not listen for gRPC')
    return found
  })
})

afterAll(async () => {
  await headgate?.[Symbol.asyncDispose]()
  if (folder !== undefined) rmSync(folder, { recursive: true })
})

async function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, {
    env: { ...process.env, ...env },
    cwd: folder,
  })
  return stdout
}

/** What the examples print: some calls pass, one does not, the next waits, and a mistake is named. */
const TOLD =
  /^(allowed by api: \d left\n){3,}denied by api: again in \d+ ms\nwaited for its turn\n(NOT_FOUND|NotFound): policy: no policy is named "nope".*\n$/

const python = pythonSite()
describe.skipIf(python === null)(`Python${python === null ? ' (SKIPPED: not installed)' : ''}`, () => {
  const env = { PYTHONPATH: [String(python), '.'].join(delimiter) }

  it('spends and waits, by the example', async () => {
    const out = ['--python_out=.', '--grpc_python_out=.', 'headgate/v1/headgate.proto']
    await run('python3', ['-m', 'grpc_tools.protoc', '-I', PROTO, ...out], env)
    const said = await run('python3', [join(ROOT, 'examples/grpc-python/client.py'), target], env)
    expect(said).toMatch(TOLD)
  })

  it('learns of services and messages by reflection', async () => {
    writeFileSync(
      join(folder, 'reflect.py'),
      `
import sys, grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

channel = grpc.insecure_channel(sys.argv[1])
database = ProtoReflectionDescriptorDatabase(channel)
print(" ".join(sorted(database.get_services())))
pool = DescriptorPool(database)
service = pool.FindServiceByName("headgate.v1.RateLimiter")
method = service.methods_by_name["Consume"]
request = GetMessageClass(method.input_type)(attributes={"user": "carol"}, cost=2)
path = f"/{service.full_name}/{method.name}"
answer = GetMessageClass(method.output_type)
print(channel.unary_unary(path, lambda m: m.SerializeToString(), answer.FromString)(request).remaining)
limits = pool.FindServiceByName("envoy.service.ratelimit.v3.RateLimitService")
print(len(limits.methods_by_name["ShouldRateLimit"].output_type.fields))
`,
    )
    const said = await run('python3', ['reflect.py', target], env)
    expect(said.split('\n')).toEqual([
      [
        'envoy.service.ratelimit.v3.RateLimitService',
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
        'grpc.reflection.v1alpha.ServerReflection',
        'headgate.v1.RateLimiter',
      ].join(' '),
      '4',
      '6',
      '',
    ])
  })
})

const go = goClient()
describe.skipIf(go === null)(`Go${go === null ? ' (SKIPPED: not installed)' : ''}`, () => {
  it('spends and waits, by the example', async () => {
    expect(await run(String(go), [target])).toMatch(TOLD)
  })
})

const probe = healthProbe()
describe.skipIf(probe === null)(
  `grpc-health-probe${probe === null ? ' (SKIPPED: not installed)' : ''}`,
  () => {
    it.each(['', 'ratelimit', 'headgate.v1.RateLimiter'])('finds "%s" serving', async (service) => {
      await expect(run(String(probe), ['-addr', target, '-service', service])).resolves.toBe('')
    })

    it('learns that there is nothing of another name', async () => {
      await expect(run(String(probe), ['-addr', target, '-service', 'nope'])).rejects.toMatchObject({
        code: 3,
      })
    })
  },
)

describe('the code of the example in Go', () => {
  it('has every field and method that there is', () => {
    const { messages, services } = parseProto(readFileSync(join(PROTO, 'headgate/v1/headgate.proto'), 'utf8'))
    const generated = ['headgate.pb.go', 'headgate_grpc.pb.go']
      .map((name) => readFileSync(join(ROOT, 'examples/grpc-go/headgatev1', name), 'utf8'))
      .join('')
    const wanted = [
      ...messages.flatMap(({ name, fields }) =>
        fields.map((field) => `func (x *${name}) Get${goName(field.name)}`),
      ),
      ...services.flatMap(({ methods }) => methods.map(({ name }) => `RateLimiter_${name}_FullMethodName`)),
    ]
    expect(wanted.length).toBeGreaterThan(60)
    // Where a name is taken it has a line below it.
    expect(
      wanted.filter((text) => !new RegExp(`${text.replaceAll(/[()*]/g, '\\$&')}_?\\b`).test(generated)),
    ).toEqual([])
  })
})

function goName(field: string): string {
  return field.replaceAll(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase())
}
