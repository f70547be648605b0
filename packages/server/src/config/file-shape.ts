import type { Duration, Match, OnStoreError, PolicyOptions, RuleOptions } from 'headgate'

/** Attribute → texts that are let through, or turned away, before any policy is asked. */
export type AccessList = { readonly [attribute: string]: readonly (string | number)[] }

/** A store as the file writes it. */
export interface FileStore {
  readonly url: string
  readonly prefix?: string
  readonly deadline?: Duration
  readonly onStoreError?: OnStoreError
  readonly replicas?: number | 'auto'
}

/** A policy as the file writes it: the library's, and what the service adds. */
export interface FilePolicy extends Omit<PolicyOptions, 'mode'> {
  readonly mode?: 'enforce' | 'shadow' | 'off'
  readonly shadow?: { readonly rules: Readonly<Record<string, Partial<Omit<RuleOptions, 'name'>>>> }
  readonly rollout?: string
  readonly ban?: readonly Duration[]
}

/** A configuration file whose names and types are right. */
export interface FileShape {
  readonly version?: 1
  readonly store?: FileStore
  readonly stores?: Readonly<Record<string, FileStore>>
  readonly attributes?: Readonly<Record<string, string | readonly string[]>>
  readonly policies: readonly FilePolicy[]
  readonly allow?: Match
  readonly deny?: Match
}
