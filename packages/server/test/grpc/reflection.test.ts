import { globSync } from 'node:fs'
import { join } from 'node:path'
import { credentials, loadPackageDefinition, type ServiceClientConstructor, status } from '@grpc/grpc-js'
import { loadFileDescriptorSetFromBuffer, loadSync, type PackageDefinition } from '@grpc/proto-loader'
import { describe, expect, it } from 'vitest'
import { newToken, tokenHash } from '../../src/service/access/token-text.ts'
import { GrpcClient, grpcServer, REFLECTION, REFLECTION_ALPHA } from './grpc-server.ts'

const PROTO = join(import.meta.dirname, '../../proto')
const OPTIONS = { longs: Number, enums: String, defaults: true } as const
const reflecting = { extras: ['limitr', 'guardian'], hasReflection: true } as const
const serve = (config?: string) => grpcServer(config, undefined, reflecting)

/** Asks one after the other over one stream. */
// biome-ignore lint/suspicious/noExplicitAny: tests read whatever they expect
async function ask(client: GrpcClient, ...questions: readonly object[]): Promise<any[]> {
  const stream = client.exchange('ServerReflectionInfo')
  for (const question of questions) stream.write(question)
  stream.end()
  const answers: unknown[] = []
  for await (const answer of stream) answers.push(answer)
  return answers
}

/** What a client makes of the files of an answer. */
function definitionOf(files: readonly Buffer[]): PackageDefinition {
  const parts = files.map((file) => Buffer.concat([Buffer.from([10]), lengthOf(file), file]))
  return loadFileDescriptorSetFromBuffer(Buffer.concat(parts), OPTIONS)
}

function lengthOf({ length }: Buffer): Buffer {
  return Buffer.from(length < 128 ? [length] : [(length & 127) | 128, length >> 7])
}

describe.each([REFLECTION, REFLECTION_ALPHA])('%s', (...version) => {
  it('names the services that are served', async () => {
    await using server = await grpcServer(undefined, undefined, { hasReflection: true })
    using client = new GrpcClient(server.target, version)
    const [answer] = await ask(client, { listServices: '' })
    const names = answer.listServicesResponse.service.map(({ name }: { name: string }) => name)
    expect(names.sort()).toEqual([
      'envoy.service.ratelimit.v3.RateLimitService',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'headgate.v1.RateLimiter',
    ])
  })

  it('has all that a client needs to call', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, version)
    const [answer] = await ask(client, { fileContainingSymbol: 'headgate.v1.RateLimiter' })
    const definition = definitionOf(answer.fileDescriptorResponse.fileDescriptorProto)
    const Client = definition['headgate.v1.RateLimiter'] as never
    const loaded = loadPackageDefinition({ it: Client }) as unknown as { it: ServiceClientConstructor }
    // biome-ignore lint/suspicious/noExplicitAny: methods come from the answer
    const made = new loaded.it(server.target, credentials.createInsecure()) as any
    // This reader makes lists of maps; on the wire they are the same.
    const decision = await new Promise((resolve, reject) => {
      const done = (error: unknown, value: unknown) => (error ? reject(error) : resolve(value))
      made.Consume({ attributes: [{ key: 'user', value: 'alice' }], cost: 2 }, done)
    })
    made.close()
    expect(decision).toMatchObject({ allowed: true, remaining: 3 })
  })
})

describe('grpc.reflection', () => {
  it('is off unless it is asked for', async () => {
    await using server = await grpcServer()
    using client = new GrpcClient(server.target, REFLECTION)
    await expect(ask(client, { listServices: '' })).rejects.toMatchObject({ code: status.UNIMPLEMENTED })
  })

  it('takes a token where callers need one', async () => {
    const token = newToken()
    await using server = await serve(`
tokens: [{ name: cart, hash: "${tokenHash(token)}", scopes: [consume] }]
policies: [{ name: api, key: user, rules: [5/min] }]
`)
    using client = new GrpcClient(server.target, REFLECTION)
    await expect(ask(client, { listServices: '' })).rejects.toMatchObject({ code: status.UNAUTHENTICATED })
  })

  it.each(globSync('**/*.proto', { cwd: PROTO }))('describes %s as its text does', async (path) => {
    await using server = await serve()
    using client = new GrpcClient(server.target, REFLECTION)
    const [answer] = await ask(client, { fileByFilename: path })
    const told = definitionOf(answer.fileDescriptorResponse.fileDescriptorProto)
    const written = loadSync(path, { ...OPTIONS, includeDirs: [PROTO] })
    expect(shapesOf(written)).toMatchObject(shapesOf(told))
    // Of those of Google the reader has its own files, in which there is more.
    const missing = Object.keys(written).filter(
      (name) => !(name in told) && !name.startsWith('google.protobuf.'),
    )
    expect(missing).toEqual([])
  })

  it('says what it does not have, and goes on', async () => {
    await using server = await serve()
    using client = new GrpcClient(server.target, REFLECTION)
    const answers = await ask(
      client,
      { fileContainingSymbol: 'headgate.v1.Nope' },
      { fileByFilename: '__proto__' },
      { fileContainingExtension: { containingType: 'headgate.v1.Decision', extensionNumber: 1 } },
      {},
      { allExtensionNumbersOfType: 'headgate.v1.Decision' },
    )
    expect(answers.map(({ errorResponse }) => errorResponse?.errorCode)).toEqual([
      status.NOT_FOUND,
      status.NOT_FOUND,
      status.NOT_FOUND,
      status.INVALID_ARGUMENT,
      undefined,
    ])
    expect(answers[4].allExtensionNumbersResponse).toEqual({
      baseTypeName: 'headgate.v1.Decision',
      extensionNumber: [],
    })
  })
})

/** Messages and enums as descriptors, and paths of methods, by name. */
function shapesOf(definition: PackageDefinition): object {
  return Object.fromEntries(
    Object.entries(definition).map(([name, value]) => [
      name,
      'format' in value
        ? shapeOf(value.type)
        : Object.entries(value).map(([method, { path, requestStream, responseStream }]) => {
            return { method, path, requestStream, responseStream }
          }),
    ]),
  )
}

/** Without what the two readers add or leave out: names in JSON, options, and nested messages, which have entries of their own. */
// biome-ignore lint/suspicious/noExplicitAny: descriptors
function shapeOf({ name, field = [], value = [] }: any): object {
  return {
    name,
    // biome-ignore lint/suspicious/noExplicitAny: as above
    field: field.map(({ name: of, number, label, type, typeName }: any) => {
      return {
        of: camel(of),
        number,
        label,
        type,
        typeName: typeName
          .split('.')
          .at(-1)
          .replace(/Entry$/, ''),
      }
    }),
    value,
  }
}

function camel(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}
