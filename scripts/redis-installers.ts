/** How each package manager installs a redis-server without starting the system's service. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A package manager and the shell script that installs redis-server with it. */
export interface Installer {
  readonly name: string
  readonly needsRoot: boolean
  readonly script: string
}

// Debian starts a service as soon as it is installed, unless the policy answers 101 ("forbidden by policy").
const aptScript = `
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ] && [ -w /usr/sbin ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
apt-get -o DPkg::Lock::Timeout=60 update &&
apt-get -o DPkg::Lock::Timeout=60 install -y --no-install-recommends redis-server
`

/** The package managers we know, in the order in which they are tried. */
export const installers: readonly Installer[] = [
  { name: 'apt-get', needsRoot: true, script: aptScript },
  { name: 'dnf', needsRoot: true, script: 'dnf install -y redis' },
  { name: 'apk', needsRoot: true, script: 'apk add --no-cache redis' },
  { name: 'brew', needsRoot: false, script: 'brew install redis' },
]

/** Whether an executable of this name is on PATH. */
export function hasCommand(name: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.some((folder) => isExecutable(join(folder, name)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
