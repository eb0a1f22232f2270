import { ConfigError } from '../errors.ts'

/** Fit to put a service's paths behind; undefined when the text is no such address. */
export function parseBaseUrl(text: string): URL | undefined {
  const url = URL.parse(text)
  const fits =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username + url.password + url.search + url.hash === ''
  return fits ? url : undefined
}

/** Throws ConfigError that names `source` and does not quote the text: it might hold a password. */
export function checkBaseUrl(text: string, source: string, example: string): string {
  if (parseBaseUrl(text) !== undefined) return text
  throw new ConfigError(
    `${source} must be an address like ${example}: http or https, without user, password, query or fragment`,
  )
}

/** Whether keys sent there could be read on the way. */
export function isOpenToReaders(baseUrl: string): boolean {
  const url = parseBaseUrl(baseUrl)
  if (url?.protocol !== 'http:') return false
  return !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)
}

/** Whether an address is on a host of the service itself, which may stand there in several ways. */
export function isAtService(baseUrl: string, service: string): boolean {
  const host = (text: string): string => (URL.parse(text)?.hostname ?? text).replace(/^www\./, '')
  return host(baseUrl) === host(service)
}

// Names without a dot are those of a container or of a machine in the same network (RFC 6762, RFC 8375 for the others).
const nearbyNames = /^[^.]+$|\.(?:localhost|local|lan|home|internal|home\.arpa|ts\.net)$/
// RFC 1918, RFC 3927, the address that servers listen on, and RFC 6598, whose range private networks across the internet use.
const nearbyV4 =
  /^(?:0|127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./
// RFC 4193, RFC 4291.
const nearbyV6 = /^\[(?:::1\]|f[cd]|fe[89ab])/

/** Whether a server is on this machine or in a private network. */
export function isNearby(baseUrl: string): boolean {
  const host = parseBaseUrl(baseUrl)?.hostname ?? ''
  if (host.startsWith('[')) return nearbyV6.test(host)
  return /^[\d.]+$/.test(host) ? nearbyV4.test(host) : nearbyNames.test(host)
}
