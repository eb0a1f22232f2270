import { fileURLToPath } from 'node:url'
import { RequestError } from '../../errors.ts'
import { sendBytes } from '../respond.ts'
import type { Exchange, Handler } from '../route.ts'
import { readAssets } from './assets.ts'

// Beside `src` in a clone and beside `dist` in the package.
const folder = fileURLToPath(new URL('../../../dashboard/dist/', import.meta.url))
let assets: ReturnType<typeof readAssets>

/** GET /dashboard and everything below: files where there are any, else the one page that shows them all. */
export const dashboard: Handler = (exchange) => {
  const { response, rest, request } = exchange
  assets ??= readAssets(folder)
  const asset = assets?.get(rest) ?? (rest.startsWith('assets/') ? undefined : assets?.get('index.html'))
  if (asset === undefined) throw missing(exchange, assets !== undefined)
  const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
  sendBytes(response, 200, zipped ? asset.gzip : asset.bytes, [
    'content-type',
    asset.contentType,
    ...(zipped ? ['content-encoding', 'gzip'] : []),
    'vary',
    'accept-encoding',
    'cache-control',
    asset.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    ...security,
  ])
}

function missing({ rest }: Exchange, built: boolean): RequestError {
  return new RequestError(
    'not_found',
    built
      ? `the dashboard has no file "${rest.slice(0, 100)}"`
      : 'the dashboard is not built: run "npm run build:dashboard" where Switchyard is installed',
  )
}

/** Text of models and services is shown on these pages: whatever it holds, nothing of it can run, load or frame. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const security: readonly string[] = [
  'content-security-policy',
  policy,
  'x-content-type-options',
  'nosniff',
  'referrer-policy',
  'no-referrer',
  'cross-origin-opener-policy',
  'same-origin',
  'x-frame-options',
  'DENY',
]
