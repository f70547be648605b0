/** The oldest Node that has what the service uses, as in `engines` of the package. This file itself runs on older ones. */
export const NODE_NEEDED = '22.12'

/** The sentence about a version of Node that is too old; null where it is new enough. */
export function nodeMistake(found: string): string | null {
  const [major = 0, minor = 0] = found.split('.').map(Number)
  const [majorNeeded = 0, minorNeeded = 0] = NODE_NEEDED.split('.').map(Number)
  if (major > majorNeeded || (major === majorNeeded && minor >= minorNeeded)) return null
  return `headgate needs Node ${NODE_NEEDED} or newer, and this is Node ${found}; install a newer one`
}
