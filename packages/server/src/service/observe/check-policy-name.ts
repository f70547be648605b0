import { HeadgateError } from 'headgate'
import { suggest } from 'headgate/errors'
import type { Service } from '../service.ts'
import { WIRE_POLICIES } from '../wire-policy.ts'

/** Throws where no policy has this name that the caller may know of: else nothing would be listed, as where nothing happened. */
export function checkPolicyName(
  service: Pick<Service, 'policies'>,
  name: string,
  path = 'query.policy',
): void {
  const names = service.policies().policies.map((policy) => policy.name)
  if (names.includes(name) || WIRE_POLICIES.has(name)) return
  throw new HeadgateError(
    'unknown-policy',
    `no policy is named ${JSON.stringify(name)}${suggest(name, names)}`,
    {
      path,
    },
  )
}
