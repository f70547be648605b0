/** How each package manager installs a server without starting the system's service. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A package manager and the shell script that installs packages with it. */
export interface Installer {
  readonly name: string
  readonly needsRoot: boolean
  readonly script: string
}

// Debian starts a service as soon as it is installed, unless the policy answers 101 ("forbidden by policy").
const aptScript = (packages: string): string => `
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ] && [ -w /usr/sbin ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
apt-get -o DPkg::Lock::Timeout=60 update &&
apt-get -o DPkg::Lock::Timeout=60 install -y --no-install-recommends ${packages}
`

/** The package managers we know, in the order in which they are tried; names of packages differ between Debian and others. */
export function installersOf(debian: string, others = debian): readonly Installer[] {
  return [
    { name: 'apt-get', needsRoot: true, script: aptScript(debian) },
    { name: 'dnf', needsRoot: true, script: `dnf install -y ${others}` },
    { name: 'apk', needsRoot: true, script: `apk add --no-cache ${others}` },
    { name: 'brew', needsRoot: false, script: `brew install ${others}` },
  ]
}

/** How a redis-server is installed. */
export const installers: readonly Installer[] = installersOf('redis-server', 'redis')

/** Whether an executable of this name is on PATH. */
export function hasCommand(name: string): boolean {
  return commandPath(name) !== undefined
}

/** Where an executable of this name is, as PATH has it. */
export function commandPath(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
