/** The API as a page: made of its OpenAPI document, without scripts and without a request to anybody. */

import { createHash } from 'node:crypto'
import { escapeMarkup } from '../../service/escape-markup.ts'
import type { JsonSchema } from './json-schema.ts'
import type { OpenApiDocument } from './openapi.ts'

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}
h2{margin-top:2.5rem;border-top:1px solid #8885;padding-top:1rem}code{font-family:ui-monospace,monospace}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .75rem .25rem 0;border-bottom:1px solid #8883}`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** Header fields of the page: nothing is loaded and nothing runs; it is in no frame. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'content-type': 'text/html; charset=utf-8',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

interface Operation {
  readonly summary: string
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly description?: string
  }[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> }
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}

/** Writes the page. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      section(`${method.toUpperCase()} ${path}`, operation as Operation),
    ),
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Headgate</title><meta name="viewport" content="width=device-width"><style>${STYLE}</style></head>
<body><h1>Headgate</h1><p>Rate limits over HTTP. The same as an <a href="/v1/openapi.json">OpenAPI document</a>.</p>
${operations.join('\n')}
</body></html>
`
}

function section(title: string, { summary, parameters = [], requestBody, responses }: Operation): string {
  const query = parameters.map(
    (one): Row => [one.in === 'path' ? `{${one.name}}` : `?${one.name}`, '', one.description ?? ''],
  )
  const body = requestBody === undefined ? [] : fieldRows(requestBody)
  const answers = Object.entries(responses).map(([status, { description }]): Row => [status, '', description])
  return [
    `<h2><code>${escapeMarkup(title)}</code></h2><p>${escapeMarkup(summary)}</p>`,
    table('Body', [...body, ...query]),
    table('Answers', answers),
  ].join('')
}

type Row = readonly [name: string, type: string, description: string]

function fieldRows({ content }: NonNullable<Operation['requestBody']>): Row[] {
  const { properties = {} } = content['application/json']?.schema ?? {}
  return Object.entries(properties).map(([name, { type = '', enum: values, description = '' }]): Row => {
    const kind = values === undefined ? [type].flat().join(' or ') : values.join(', ')
    return [name, kind, description]
  })
}

function table(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return ''
  const lines = rows.map(
    ([name, type, description]) =>
      `<tr><td><code>${escapeMarkup(name)}</code></td><td>${escapeMarkup(type)}</td><td>${escapeMarkup(description)}</td></tr>`,
  )
  return `<table><caption>${title}</caption>${lines.join('')}</table>`
}
