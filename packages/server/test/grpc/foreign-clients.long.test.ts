/** Clients that others wrote: of Python, of Go, and the probe that Kubernetes has. */
import { readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goClient, healthProbe, pythonSite } from '../../../../scripts/ensure-grpc-clients.ts'
import { parseProto } from '../../../../scripts/parse-proto.ts'
import { GRPC_ENGINES } from '../../src/transports/grpc/grpc-engine.ts'
import { CERTIFICATES } from '../protocol/secure-listener.ts'
import { AskedProcess, titleOf } from './foreign-client.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const PROTO = join(ROOT, 'packages/server/proto')
const POLICIES = `
policies:
  - { name: slow, match: { plan: free }, key: user, rules: [{ limit: 2/min, burst: 1 }] }
  - { name: api, key: user, rules: [{ limit: 10/s, burst: 6 }] }
`

/** What the examples print: some calls pass, one does not, the next waits, and a mistake is named. */
const TOLD =
  /^(allowed by api: \d left\n){3,}denied by api: again in \d+ ms\nwaited for its turn\n(NOT_FOUND|NotFound): policy: no policy is named "nope".*\n$/

const [python, go, probe] = [pythonSite(), goClient(), healthProbe()]

describe.each(GRPC_ENGINES)('on %s', (engine) => {
  let asked: AskedProcess

  beforeAll(async () => {
    asked = await AskedProcess.start({ engine, config: POLICIES, args: ['--grpc-reflection'] })
  })

  afterAll(() => asked?.[Symbol.asyncDispose]())

  describe.skipIf(python === null)(titleOf('Python', python), () => {
    const env = { PYTHONPATH: [String(python), '.'].join(delimiter) }

    it('spends and waits, by the example', async () => {
      const out = ['--python_out=.', '--grpc_python_out=.', 'headgate/v1/headgate.proto']
      await asked.run('python3', ['-m', 'grpc_tools.protoc', '-I', PROTO, ...out], env)
      const said = await asked.run(
        'python3',
        [join(ROOT, 'examples/grpc-python/client.py'), asked.target],
        env,
      )
      expect(said).toMatch(TOLD)
    })

    it('waits no longer than its deadline, and gives up 100 waits', async () => {
      writeFileSync(
        join(asked.folder, 'give_up.py'),
        `
import sys, grpc
from headgate.v1 import headgate_pb2 as messages, headgate_pb2_grpc as services

with grpc.insecure_channel(sys.argv[1]) as channel:
    limiter = services.RateLimiterStub(channel)
    asked = [messages.LimitRequest(attributes={"plan": "free", "user": str(i)}) for i in range(100)]
    turns = [messages.WaitRequest(request=one, timeout="1m") for one in asked]
    print({call.result().allowed for call in [limiter.Consume.future(one) for one in asked]})
    print({call.result().allowed for call in [limiter.Wait.future(turn, timeout=5) for turn in turns]})
    calls = [limiter.Wait.future(turn) for turn in turns]
    for call in calls: call.cancel()
    print({call.code().name for call in calls})
    other = messages.LimitRequest(attributes={"user": "dave"})
    print(limiter.Consume(other, metadata=[("x-note-bin", bytes(range(256)))]).allowed)
`,
      )
      const said = await asked.run('python3', ['give_up.py', asked.target], env)
      expect(said).toBe("{True}\n{False}\n{'CANCELLED'}\nTrue\n")
    })

    it('learns of services and messages by reflection', async () => {
      writeFileSync(
        join(asked.folder, 'reflect.py'),
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
      const said = await asked.run('python3', ['reflect.py', asked.target], env)
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

  describe.skipIf(go === null)(titleOf('Go', go), () => {
    it('spends and waits, by the example', async () => {
      expect(await asked.run(String(go), [asked.target])).toMatch(TOLD)
    })
  })

  describe.skipIf(probe === null)(titleOf('grpc-health-probe', probe), () => {
    it.each(['', 'ratelimit', 'headgate.v1.RateLimiter'])('finds "%s" serving', async (service) => {
      await expect(asked.run(String(probe), ['-addr', asked.target, '-service', service])).resolves.toBe('')
    })

    it('learns that there is nothing of another name', async () => {
      await expect(
        asked.run(String(probe), ['-addr', asked.target, '-service', 'nope']),
      ).rejects.toMatchObject({
        code: 3,
      })
    })

    it('finds it serving over mutual TLS, with a certificate of its own only', async () => {
      await using secure = await AskedProcess.start({ engine, config: POLICIES, tls: 'mutual' })
      const args = ['-addr', secure.target, '-tls', '-tls-ca-cert', secure.authority]
      const { cert, key } = CERTIFICATES.client
      await expect(
        secure.run(String(probe), [...args, '-tls-client-cert', cert, '-tls-client-key', key]),
      ).resolves.toBe('')
      await expect(secure.run(String(probe), args)).rejects.toMatchObject({ code: 2 })
    })
  })
})

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
