/** `grpc.reflection`: which services and messages there are, for tools that have no `.proto` files. In two versions, which are the same. */

import { DESCRIPTORS } from '../../../gen/descriptors.ts'
import {
  type ServerReflectionRequest,
  type ServerReflectionResponse,
  ServerReflection as V1,
} from '../../../gen/grpc-reflection-v1.ts'
import { ServerReflection as V1_ALPHA } from '../../../gen/grpc-reflection-v1alpha.ts'
import { exchange, type RpcMethod } from '../rpc-method.ts'
import { RPC_CODES, type RpcCode } from '../rpc-status.ts'

/** The methods by which services of these names are told of. */
export function reflectionMethods(services: readonly string[]): readonly RpcMethod[] {
  const names = [
    ...services,
    'grpc.reflection.v1.ServerReflection',
    'grpc.reflection.v1alpha.ServerReflection',
  ]
  const answer = (request: ServerReflectionRequest): ServerReflectionResponse => ({
    validHost: request.host,
    originalRequest: request,
    ...answerOf(request, names),
  })
  return [exchange(V1.ServerReflectionInfo, answer), exchange(V1_ALPHA.ServerReflectionInfo, answer)]
}

type Answer = Omit<ServerReflectionResponse, 'validHost' | 'originalRequest'>

function answerOf(
  {
    fileByFilename,
    fileContainingSymbol,
    fileContainingExtension,
    allExtensionNumbersOfType,
    listServices,
  }: ServerReflectionRequest,
  names: readonly string[],
): Answer {
  if (listServices !== undefined) {
    return { listServicesResponse: { service: names.map((name) => ({ name })) } }
  }
  if (fileByFilename !== undefined) return filesOf(fileByFilename)
  if (fileContainingSymbol !== undefined) return filesOf(fileOf(fileContainingSymbol))
  if (allExtensionNumbersOfType !== undefined && fileOf(allExtensionNumbersOfType) !== undefined) {
    const baseTypeName = allExtensionNumbersOfType
    return { allExtensionNumbersResponse: { baseTypeName, extensionNumber: [] } }
  }
  if (fileContainingExtension !== undefined || allExtensionNumbersOfType !== undefined) {
    return problem('NOT_FOUND', 'there are no extensions')
  }
  return problem('INVALID_ARGUMENT', 'the message asks for nothing')
}

/** A file, and behind it all that it needs, so that nobody has to ask for each. */
function filesOf(path: string | undefined): Answer {
  if (path === undefined || !Object.hasOwn(DESCRIPTORS, path)) {
    return problem('NOT_FOUND', 'no file has that name or symbol')
  }
  const paths = withImports(path, new Set())
  const files = [...paths].map((one) => Buffer.from(DESCRIPTORS[one]?.bytes ?? '', 'base64'))
  return { fileDescriptorResponse: { fileDescriptorProto: files } }
}

function withImports(path: string, found: Set<string>): ReadonlySet<string> {
  found.add(path)
  for (const one of DESCRIPTORS[path]?.imports ?? []) if (!found.has(one)) withImports(one, found)
  return found
}

function fileOf(symbol: string): string | undefined {
  return Object.keys(DESCRIPTORS).find((path) => DESCRIPTORS[path]?.symbols.includes(symbol))
}

function problem(code: RpcCode, errorMessage: string): Answer {
  return { errorResponse: { errorCode: RPC_CODES[code], errorMessage } }
}
