import type { Mistake, Path } from '../config-error.ts'
import { show } from '../unknown-name.ts'
import type { EnvoyDescriptor, EnvoyLimit, EnvoyShape } from './envoy-shape.ts'

/** What is wrong with a file of envoyproxy/ratelimit whose names and types are right. */
export function envoyMistakes({ domain, descriptors = [] }: EnvoyShape): Mistake[] {
  const empty = domain === '' ? [{ path: ['domain'], message: 'the domain is empty; give it a name' }] : []
  return [...empty, ...levelMistakes(descriptors, ['descriptors'])]
}

function levelMistakes(descriptors: readonly EnvoyDescriptor[], at: Path): Mistake[] {
  const seen = new Map<string, number>()
  return descriptors.flatMap((descriptor, i): Mistake[] => {
    const { key, value = '', descriptors: inner = [] } = descriptor
    const path = [...at, i]
    const id = JSON.stringify([key, value])
    const earlier = seen.get(id)
    seen.set(id, earlier ?? i)
    // A value may be a secret, and what is wrong with a file is told to whoever asks for readiness.
    const what = `key ${show(key)} with this value, or none,`
    return [
      ...(earlier === undefined
        ? []
        : [{ path, message: `${what} is there twice, first as [${earlier}]; keep one` }]),
      ...ownMistakes(descriptor, path),
      ...levelMistakes(inner, [...path, 'descriptors']),
    ]
  })
}

function ownMistakes(
  { key, value = '', share_threshold, rate_limit }: EnvoyDescriptor,
  path: Path,
): Mistake[] {
  const say = (field: string, message: string): Mistake => ({ path: [...path, field], message })
  return [
    ...(key === '' ? [say('key', 'the key is empty; give it a name')] : []),
    ...(key.includes('*') ? [say('key', `${show(key)} has a *; patterns stand in "value"`)] : []),
    ...(share_threshold === true && !value.includes('*')
      ? [say('share_threshold', 'goes with a value that has a *; remove it, or write the pattern')]
      : []),
    ...(rate_limit === undefined ? [] : limitMistakes(rate_limit, [...path, 'rate_limit'])),
  ]
}

function limitMistakes(
  { name = '', unit, requests_per_unit, unlimited, replaces = [] }: EnvoyLimit,
  path: Path,
): Mistake[] {
  const say = (field: string, message: string): Mistake => ({ path: [...path, field], message })
  const numbers =
    unlimited === true
      ? unit === undefined
        ? []
        : [say('unit', 'an unlimited limit has no unit; remove one of the two')]
      : [
          ...(unit === undefined
            ? [say('unit', 'is missing; say second, minute, hour, day, week, month or year')]
            : []),
          ...(requests_per_unit === undefined
            ? [say('requests_per_unit', 'is missing; write 0 to deny everything, or unlimited: true')]
            : []),
        ]
  const names = replaces.flatMap((one, i): Mistake[] => {
    const at = [...path, 'replaces', i, 'name']
    if (one.name === '') return [{ path: at, message: 'the name is empty; give that of another limit' }]
    return one.name === name
      ? [{ path: at, message: `${show(name)} is this limit itself; name another` }]
      : []
  })
  return [...numbers, ...names]
}
