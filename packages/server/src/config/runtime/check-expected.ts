import { HeadgateError } from 'headgate'
import type { ChangeRequest } from '../../service/changes/policy-editor.ts'

interface Present {
  readonly version: string
  readonly exists: boolean
}

/** Throws `conflict` where not that is there which a change expects. */
export function checkExpected({ expected }: ChangeRequest, { version, exists }: Present): void {
  if (expected === 'none' && exists)
    throw conflict('there is such a policy already; give If-Match to change it')
  if (expected === 'any' && !exists) throw conflict('there is no such policy yet; give If-None-Match: *')
  if (typeof expected === 'string' || expected.includes(version)) return
  throw conflict(
    `somebody changed policies meanwhile, and version ${version} is in force; look at it, and try again`,
  )
}

/** The same of the switch that puts all policies in shadow. */
export function checkExpectedSwitch(request: ChangeRequest, version: string): void {
  if (request.expected === 'none') throw conflict('the switch is always there; give If-Match to turn it')
  checkExpected(request, { version, exists: true })
}

/** The error of who cannot change what is there. */
export function conflict(message: string): HeadgateError {
  return new HeadgateError('conflict', message)
}
